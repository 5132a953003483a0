# SPDX-License-Identifier: GPL-2.0-or-later
# pmreuseport, the operator's command. All but main() is a library for the unit tests.

bin_PROGRAMS += pmreuseport
pmreuseport_SOURCES = tools/pmreuseport/main.c
pmreuseport_LDADD = tools/pmreuseport/libcommands.la tools/common/libcommon.la plugin/libpmr.la \
	$(JANSSON_LIBS) $(LIBMICROHTTPD_LIBS) $(LIBMNL_LIBS)

noinst_LTLIBRARIES += tools/pmreuseport/libcommands.la
tools_pmreuseport_libcommands_la_SOURCES = \
	tools/pmreuseport/account.c \
	tools/pmreuseport/adopt/adopt.c \
	tools/pmreuseport/adopt/adopt.h \
	tools/pmreuseport/adopt/adopt_sockets.c \
	tools/pmreuseport/adopt/adopt_sockets.h \
	tools/pmreuseport/adopt/candidates.c \
	tools/pmreuseport/adopt/candidates.h \
	tools/pmreuseport/adopt/event.c \
	tools/pmreuseport/adopt/event.h \
	tools/pmreuseport/adopt/find.c \
	tools/pmreuseport/adopt/find.h \
	tools/pmreuseport/adopt/pidfile.c \
	tools/pmreuseport/adopt/pidfile.h \
	tools/pmreuseport/adopt/process.c \
	tools/pmreuseport/adopt/process.h \
	tools/pmreuseport/adopt/process_sockets.c \
	tools/pmreuseport/adopt/process_sockets.h \
	tools/pmreuseport/adopt/watch.c \
	tools/pmreuseport/adopt/watch.h \
	tools/pmreuseport/adopt/watch_check.c \
	tools/pmreuseport/adopt/watch_check.h \
	tools/pmreuseport/balance/balance.c \
	tools/pmreuseport/balance/greedy.c \
	tools/pmreuseport/balance/greedy.h \
	tools/pmreuseport/balance/load.c \
	tools/pmreuseport/balance/load.h \
	tools/pmreuseport/balance/plan.c \
	tools/pmreuseport/balance/plan.h \
	tools/pmreuseport/balance/report.c \
	tools/pmreuseport/balance/report.h \
	tools/pmreuseport/balance/search.c \
	tools/pmreuseport/balance/search.h \
	tools/pmreuseport/commands.h \
	tools/pmreuseport/conf/conf.c \
	tools/pmreuseport/conf/conf.h \
	tools/pmreuseport/conf/file.c \
	tools/pmreuseport/conf/file.h \
	tools/pmreuseport/conf/line.c \
	tools/pmreuseport/conf/line.h \
	tools/pmreuseport/conf/spelling.c \
	tools/pmreuseport/conf/spelling.h \
	tools/pmreuseport/doctor/capabilities.c \
	tools/pmreuseport/doctor/capabilities.h \
	tools/pmreuseport/doctor/check_conf.c \
	tools/pmreuseport/doctor/check_conf.h \
	tools/pmreuseport/doctor/check_daemon.c \
	tools/pmreuseport/doctor/check_daemon.h \
	tools/pmreuseport/doctor/check_files.c \
	tools/pmreuseport/doctor/check_files.h \
	tools/pmreuseport/doctor/check_host.c \
	tools/pmreuseport/doctor/check_host.h \
	tools/pmreuseport/doctor/check_instances.c \
	tools/pmreuseport/doctor/check_instances.h \
	tools/pmreuseport/doctor/check_join.c \
	tools/pmreuseport/doctor/check_join.h \
	tools/pmreuseport/doctor/check_kernel.c \
	tools/pmreuseport/doctor/check_keys.c \
	tools/pmreuseport/doctor/check_keys.h \
	tools/pmreuseport/doctor/check_kernel.h \
	tools/pmreuseport/doctor/check_plugins.c \
	tools/pmreuseport/doctor/check_plugins.h \
	tools/pmreuseport/doctor/check_ports.c \
	tools/pmreuseport/doctor/check_ports.h \
	tools/pmreuseport/doctor/check_selector.c \
	tools/pmreuseport/doctor/check_selector.h \
	tools/pmreuseport/doctor/check_shared.c \
	tools/pmreuseport/doctor/check_shared.h \
	tools/pmreuseport/doctor/check_sites.c \
	tools/pmreuseport/doctor/check_sites.h \
	tools/pmreuseport/doctor/check_sources.c \
	tools/pmreuseport/doctor/check_sources.h \
	tools/pmreuseport/doctor/check_sysctls.c \
	tools/pmreuseport/doctor/check_sysctls.h \
	tools/pmreuseport/doctor/doctor.c \
	tools/pmreuseport/doctor/findings.c \
	tools/pmreuseport/doctor/findings.h \
	tools/pmreuseport/doctor/instance.c \
	tools/pmreuseport/doctor/instance.h \
	tools/pmreuseport/doctor/port_address.c \
	tools/pmreuseport/doctor/port_address.h \
	tools/pmreuseport/doctor/subprocess.c \
	tools/pmreuseport/doctor/subprocess.h \
	tools/pmreuseport/doctor/sysctl.c \
	tools/pmreuseport/doctor/sysctl.h \
	tools/pmreuseport/drain.c \
	tools/pmreuseport/fork/files.c \
	tools/pmreuseport/fork/files.h \
	tools/pmreuseport/fork/fork.c \
	tools/pmreuseport/fork/judge.c \
	tools/pmreuseport/fork/judge.h \
	tools/pmreuseport/fork/meaning.c \
	tools/pmreuseport/fork/meaning.h \
	tools/pmreuseport/fork/outside.c \
	tools/pmreuseport/fork/outside.h \
	tools/pmreuseport/fork/plugins.c \
	tools/pmreuseport/fork/plugins.h \
	tools/pmreuseport/fork/render.c \
	tools/pmreuseport/fork/render.h \
	tools/pmreuseport/fork/report.c \
	tools/pmreuseport/fork/report.h \
	tools/pmreuseport/fork/rules.c \
	tools/pmreuseport/fork/rules.h \
	tools/pmreuseport/fork/template.c \
	tools/pmreuseport/fork/template.h \
	tools/pmreuseport/fork/value.c \
	tools/pmreuseport/fork/value.h \
	tools/pmreuseport/forget.c \
	tools/pmreuseport/leave.c \
	tools/pmreuseport/metrics/exposition.c \
	tools/pmreuseport/metrics/exposition.h \
	tools/pmreuseport/metrics/http.c \
	tools/pmreuseport/metrics/http.h \
	tools/pmreuseport/metrics/listener.c \
	tools/pmreuseport/metrics/listener.h \
	tools/pmreuseport/metrics/metrics.c \
	tools/pmreuseport/metrics/render.c \
	tools/pmreuseport/metrics/render.h \
	tools/pmreuseport/metrics/textfile.c \
	tools/pmreuseport/metrics/textfile.h \
	tools/pmreuseport/options.c \
	tools/pmreuseport/options.h \
	tools/pmreuseport/pin.c \
	tools/pmreuseport/pins.c \
	tools/pmreuseport/quarantine.c \
	tools/pmreuseport/rehome.c \
	tools/pmreuseport/remove.c \
	tools/pmreuseport/resize.c \
	tools/pmreuseport/sockets/bucket_sockets.c \
	tools/pmreuseport/sockets/bucket_sockets.h \
	tools/pmreuseport/sockets/diag.c \
	tools/pmreuseport/sockets/diag.h \
	tools/pmreuseport/sockets/foreign_sockets.c \
	tools/pmreuseport/sockets/foreign_sockets.h \
	tools/pmreuseport/sockets/holders.c \
	tools/pmreuseport/sockets/holders.h \
	tools/pmreuseport/sockets/owners.c \
	tools/pmreuseport/sockets/owners.h \
	tools/pmreuseport/sockets/sessions.c \
	tools/pmreuseport/sockets/sessions.h \
	tools/pmreuseport/status.c \
	tools/pmreuseport/top.c \
	tools/pmreuseport/unpin.c \
	tools/pmreuseport/view/cluster_status.c \
	tools/pmreuseport/view/cluster_status.h \
	tools/pmreuseport/view/cluster_status_json.c \
	tools/pmreuseport/view/cluster_status_json.h \
	tools/pmreuseport/view/cluster_status_text.c \
	tools/pmreuseport/view/cluster_status_text.h \
	tools/pmreuseport/view/clusters.c \
	tools/pmreuseport/view/clusters.h \
	tools/pmreuseport/view/endpoints.c \
	tools/pmreuseport/view/endpoints.h \
	tools/pmreuseport/view/exporters.c \
	tools/pmreuseport/view/exporters.h \
	tools/pmreuseport/view/foreign.c \
	tools/pmreuseport/view/foreign.h \
	tools/pmreuseport/view/fresh_view.c \
	tools/pmreuseport/view/fresh_view.h \
	tools/pmreuseport/view/list_file.c \
	tools/pmreuseport/view/list_file.h \
	tools/pmreuseport/view/placement.c \
	tools/pmreuseport/view/placement.h \
	tools/pmreuseport/view/prefix.c \
	tools/pmreuseport/view/prefix.h \
	tools/pmreuseport/view/rates.c \
	tools/pmreuseport/view/rates.h \
	tools/pmreuseport/view/what_if.c \
	tools/pmreuseport/view/what_if.h \
	tools/pmreuseport/where.c
tools_pmreuseport_libcommands_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DINSTALLED_OBJECT='"$(pkglibdir)/reuseport.bpf.o"'

bash_completiondir = $(datarootdir)/bash-completion/completions
EXTRA_DIST += tools/pmreuseport/completion.bash

# bash looks for a file of the command's name.
install-data-local:
	$(MKDIR_P) $(DESTDIR)$(bash_completiondir)
	$(INSTALL_DATA) $(srcdir)/tools/pmreuseport/completion.bash \
		$(DESTDIR)$(bash_completiondir)/pmreuseport

uninstall-local:
	rm -f $(DESTDIR)$(bash_completiondir)/pmreuseport
