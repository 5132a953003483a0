# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests (cmocka). Each is one file, and may use all that the programs consist of:
# the linker takes what it needs from the libraries in LDADD.

if HAVE_CMOCKA
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=stdout; export CMOCKA_MESSAGE_OUTPUT;
check_PROGRAMS = \
	tests/unit/test_adopt \
	tests/unit/test_array \
	tests/unit/test_balance_plan \
	tests/unit/test_bypass \
	tests/unit/test_change \
	tests/unit/test_common \
	tests/unit/test_conf_line \
	tests/unit/test_config \
	tests/unit/test_endpoint \
	tests/unit/test_enter \
	tests/unit/test_entered \
	tests/unit/test_first_join \
	tests/unit/test_foreign \
	tests/unit/test_gen_encode \
	tests/unit/test_gen_pcap \
	tests/unit/test_join \
	tests/unit/test_killed \
	tests/unit/test_lock \
	tests/unit/test_netns \
	tests/unit/test_overlap \
	tests/unit/test_pins \
	tests/unit/test_private \
	tests/unit/test_quarantine \
	tests/unit/test_rates \
	tests/unit/test_refusal \
	tests/unit/test_resize \
	tests/unit/test_reuse_addr \
	tests/unit/test_seed \
	tests/unit/test_selector \
	tests/unit/test_slots \
	tests/unit/test_steer \
	tests/unit/test_where
TESTS = $(check_PROGRAMS)
check_LTLIBRARIES = tests/unit/libinstances.la
endif

tests_unit_libinstances_la_SOURCES = \
	tests/unit/foreign.c \
	tests/unit/foreign.h \
	tests/unit/instances.c \
	tests/unit/instances.h

LDADD = \
	tests/unit/libinstances.la \
	tools/pmreuseport/libcommands.la \
	tools/gen/libgen.la \
	tools/common/libcommon.la \
	plugin/libpmr.la \
	$(JANSSON_LIBS) $(CMOCKA_LIBS) -lpthread

# The Python tests are found, not listed.
EXTRA_DIST += tests/configurations tests/contract tests/flood tests/fuzz tests/harness tests/hostile tests/mass_start tests/scale tests/stress
dist-hook:
	cp -p $(srcdir)/tests/*.py $(distdir)/tests
