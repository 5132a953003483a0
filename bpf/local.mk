# SPDX-License-Identifier: GPL-2.0-or-later
# The selector. llvm-strip removes the DWARF and keeps the BTF.

selector = bpf/reuseport.bpf.o
selectordir = $(pkglibdir)
selector_DATA = $(selector)
selector_sources = bpf/reuseport.bpf.c bpf/account.bpf.h bpf/maps.bpf.h bpf/source.bpf.h
EXTRA_DIST += $(selector_sources)
CLEANFILES += $(selector) bpf/reuseport.skel.h bpf/selector_id.h

$(selector): $(selector_sources) bpf/reuseport.h
	$(AM_V_GEN)$(MKDIR_P) bpf && \
	$(CLANG) -target bpf -O2 -g -Wall -Wextra -Werror \
		-ffile-prefix-map=$(abs_top_srcdir)=. \
		-ffile-prefix-map=$(abs_top_builddir)=. \
		$(BPF_CPPFLAGS) $(LIBBPF_CFLAGS) \
		-c $(abs_top_srcdir)/bpf/reuseport.bpf.c -o $@ && \
	$(LLVM_STRIP) -g $@

bpf/reuseport.skel.h: $(selector)
	$(AM_V_GEN)$(BPFTOOL) gen skeleton $(selector) name reuseport_bpf >$@.tmp && \
	mv $@.tmp $@

# What tells this selector from others, for the ELF note of the library.
bpf/selector_id.h: $(selector)
	$(AM_V_GEN)sum=$$(sha256sum <$(selector)) && \
	printf '#define PMR_SELECTOR_ID "%s"\n' "$${sum%% *}" >$@.tmp && \
	mv $@.tmp $@

BUILT_SOURCES += bpf/reuseport.skel.h bpf/selector_id.h
