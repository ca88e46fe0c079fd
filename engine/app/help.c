// help.c - what the commands say about themselves. Invariant: written from the same tables the parser reads.

#include "app.h"

#include "base/text.h"
#include "io/grid.h"
#include "io/io.h"

static const wn_flag no_flags[] = {{0}};

void wn_help_all(FILE *stream) {
  wn_columns list;
  fputs("wane simulates how a drug, its receptor and the body's response rise and wane.\n\n"
        "usage: wane COMMAND [OPTIONS]\n\n",
        stream);
  wn_columns_init(&list, 2, 2, NULL);
  for (int i = 0; wn_commands[i]; i++) {
    const wn_command *c = wn_commands[i];
    wn_columns_add(&list,
                   wn_columns_text(&list, "%s%s%s", c->name, c->operand ? " " : "", c->operand ? c->operand : ""),
                   c->summary);
  }
  wn_columns_add(&list, "--version", "what this wane is made of");
  wn_columns_print(&list, stream, wn_app_columns());
  fputs("\nFILE is a path, or the bare name of a bundled model or plugin (`wane list`).\n"
        "Times are hours unless a unit is written (90min, 14d, 12wk); clock times are HH:MM.\n"
        "Exit status: 0 done, 1 a run failed, 2 a mistake in what was asked, 130 Ctrl-C.\n\n" WN_NOT_MEDICAL_ADVICE
        "\n",
        stream);
}

void wn_help_command(const wn_command *command, FILE *stream) {
  int width = wn_app_columns();
  fprintf(stream, "usage: wane %s%s%s%s\n\n", command->name, command->operand ? " " : "",
          command->operand ? command->operand : "", command->flags->name ? " [OPTIONS]" : "");
  fprintf(stream, "%s\n", command->text);
  wn_columns list;
  wn_columns_init(&list, 2, 2, NULL);
  for (const wn_flag *f = command->flags; f->name; f++)
    wn_columns_add(&list, wn_columns_text(&list, "--%s%s%s", f->name, f->value ? " " : "", f->value ? f->value : ""),
                   wn_columns_text(&list, "%s%s", f->doc, f->repeats ? "; may be repeated" : ""));
  wn_columns_add(&list, "--help", "this text");
  fputs("\noptions:\n", stream);
  wn_columns_print(&list, stream, width);
}

static int run_help(const wn_args *args) {
  if (!args->operand) return wn_help_all(stdout), WN_EXIT_OK;
  const wn_command *command = wn_command_find(args->operand);
  if (command) return wn_help_command(command, stdout), WN_EXIT_OK;
  const char *names[16];
  int n = 0;
  while (wn_commands[n]) names[n] = wn_commands[n]->name, n++;
  const char *near = wn_nearest(args->operand, names, n);
  wn_app_say("unknown command \"%.60s\"; %s%s", args->operand, near ? "try " : "`wane help` lists them",
             near ? near : "");
  return WN_EXIT_USER;
}

const wn_command wn_command_help = {
    .name = "help",
    .operand = "[COMMAND]",
    .summary = "what a command does and its options",
    .text = "Say what a command does and which options it takes.",
    .flags = no_flags,
    .run = run_help,
};
