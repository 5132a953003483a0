# SPDX-License-Identifier: GPL-2.0-or-later
"""Other ways from an address to a bucket, to compare the slot table with."""
import ipaddress
import random
import zlib

MAGLEV = 65537  # entries of its table, a prime


def hashed(address, salt=b""):
    """A hash of an address that none of the ways below is made for."""
    packed = ipaddress.ip_address(address).packed
    h = zlib.crc32(packed + salt)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    return (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF


def modulo(addresses, buckets):
    return [hashed(address) % buckets for address in addresses]


def jump(addresses, buckets):
    """Lamping and Veach, A Fast, Minimal Memory, Consistent Hash Algorithm."""
    found = []
    for address in addresses:
        key = hashed(address) << 32 | hashed(address, b"2")
        bucket, nxt = -1, 0
        while nxt < buckets:
            bucket = nxt
            key = (key * 2862933555777941757 + 1) & (1 << 64) - 1
            nxt = int((bucket + 1) * (1 << 31) / ((key >> 33) + 1))
        found.append(bucket)
    return found


def maglev(addresses, buckets):
    """Eisenbud et al., Maglev: A Fast and Reliable Software Network Load Balancer."""
    table, left = [None] * MAGLEV, MAGLEV
    order = [random.Random(bucket) for bucket in range(buckets)]
    steps = [(one.randrange(MAGLEV), one.randrange(1, MAGLEV)) for one in order]
    tried = [0] * buckets
    while left:
        for bucket, (offset, skip) in enumerate(steps):
            while True:
                entry = (offset + tried[bucket] * skip) % MAGLEV
                tried[bucket] += 1
                if table[entry] is None:
                    break
            table[entry] = bucket
            left -= 1
            if not left:
                break
    return [table[hashed(address) % MAGLEV] for address in addresses]


def numbered(first, step, n):
    first = ipaddress.ip_address(first)
    return [str(first + step * i) for i in range(n)]


def eui64(n):
    """Hosts of one vendor, 64 in each network."""
    low = random.Random(n)
    return [
        str(
            ipaddress.ip_address(f"2001:db8:0:{i // 64:x}:200:5eff:fe00:0") + low.randrange(1 << 24)
        )
        for i in range(n)
    ]


def plans(n):
    """n addresses as networks number their routers, in several ways."""
    return (
        numbered("10.255.0.0", 1, n),  # loopbacks
        numbered("172.16.0.1", 4, n),  # one side of /30 links
        numbered("10.0.0.1", 256, n),  # one per /24
        eui64(n),
    )
