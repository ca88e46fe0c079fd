// main.c - the program wane: finds the command, hands over, and sees to it that what was printed arrived.

#include "app.h"

#include "base/text.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

// a run under way stops between two steps; what is being written is finished or taken away
static void on_interrupt(int number) {
  (void)number;
  wn_interrupt(1);
}

static void set_signals(void) {
  struct sigaction interrupt = {.sa_handler = on_interrupt}, quiet = {.sa_handler = SIG_DFL},
                   ignored = {.sa_handler = SIG_IGN};
  sigaction(SIGINT, &interrupt, NULL);
  sigaction(SIGTERM, &interrupt, NULL);
  // `wane ... | head` ends without words, also when the shell had SIGPIPE ignored
  sigaction(SIGPIPE, &quiet, NULL);
  // a file that grows beyond its limit is an error of that write, not the end of the program
  sigaction(SIGXFSZ, &ignored, NULL);
}

static int print_version(void) {
  fprintf(stdout, "wane %s\n%s\n%s\nmachine code: %s\nkernels: %s\n", wn_version(), wn_version_solver(),
          wn_version_lua(), wn_version_native(), wn_version_kernels());
  return WN_EXIT_OK;
}

static int unknown_command(const char *name) {
  const char *names[16] = {"--version"};
  int n = 1;
  for (int i = 0; wn_commands[i]; i++) names[n++] = wn_commands[i]->name;
  const char *near = wn_nearest(name, names, n);
  if (near)
    wn_app_say("unknown command \"%.60s\"; try %s", name, near);
  else
    wn_app_say("unknown command \"%.60s\"; `wane help` lists them", name);
  return WN_EXIT_USER;
}

static int dispatch(int argc, char **argv) {
  if (argc < 2) return wn_help_all(stderr), WN_EXIT_USER;
  if (strcmp(argv[1], "--version") == 0) return print_version();
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return wn_help_all(stdout), WN_EXIT_OK;
  const wn_command *command = wn_command_find(argv[1]);
  if (!command) return unknown_command(argv[1]);
  wn_args *args = wn_alloc(sizeof *args);
  wn_error err = {0};
  bool help = false;
  if (!args) return wn_fail_memory(&err), wn_app_fail(&err);
  int status;
  if (wn_args_read(command, argc - 2, argv + 2, args, &help, &err))
    status = wn_app_fail(&err);
  else if (help)
    wn_help_command(command, stdout), status = WN_EXIT_OK;
  else
    status = command->run(args);
  wn_free(args);
  return status;
}

int main(int argc, char **argv) {
  set_signals();
  errno = 0;
  int status = dispatch(argc, argv);
  // a full disk shows only when the last byte is written
  bool lost = fflush(stdout) != 0 || ferror(stdout);
  if (lost && errno != EPIPE) wn_app_say("standard output: cannot write: %s", errno ? strerror(errno) : "error");
  return lost && status == WN_EXIT_OK ? WN_EXIT_RUN : status;
}
