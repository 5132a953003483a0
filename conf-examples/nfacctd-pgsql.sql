-- SPDX-License-Identifier: GPL-2.0-or-later
-- The table of nfacctd-pgsql.conf: one column per primitive of "aggregate".
CREATE TABLE flows (
	tag            BIGINT NOT NULL,
	peer_ip_src    INET NOT NULL,
	ip_src         INET NOT NULL,
	ip_dst         INET NOT NULL,
	port_src       INT NOT NULL,
	port_dst       INT NOT NULL,
	ip_proto       SMALLINT NOT NULL,
	packets        BIGINT NOT NULL,
	bytes          BIGINT NOT NULL,
	stamp_inserted TIMESTAMP NOT NULL,
	stamp_updated  TIMESTAMP
);
