// args.c - the command line as data. Invariant: what a command does not know is refused, with the nearest name offered.

#include "app.h"

#include "base/text.h"

#include <string.h>

const wn_command *const wn_commands[] = {&wn_command_run,      &wn_command_list,    &wn_command_describe,
                                         &wn_command_check,    &wn_command_explain, &wn_command_conform,
                                         &wn_command_validate, &wn_command_sweep,   &wn_command_merge,
                                         &wn_command_bench,    &wn_command_help,    NULL};

const wn_command *wn_command_find(const char *name) {
  for (int i = 0; wn_commands[i]; i++)
    if (strcmp(wn_commands[i]->name, name) == 0) return wn_commands[i];
  return NULL;
}

static wn_status unknown_option(const wn_command *command, const char *name, wn_error *err) {
  const char *names[64] = {"help"};
  int n = 1;
  for (const wn_flag *f = command->flags; f->name && n < 64; f++) names[n++] = f->name;
  const char *near = wn_nearest(name, names, n);
  if (near) return wn_fail(err, WN_ERR_USER, "%s: unknown option --%.60s; try --%s", command->name, name, near);
  return wn_fail(err, WN_ERR_USER, "%s: unknown option --%.60s; `wane help %s` lists them", command->name, name,
                 command->name);
}

static bool is_given(const wn_args *args, const wn_flag *flag) {
  for (int i = 0; i < args->n; i++)
    if (args->given[i].flag == flag) return true;
  return false;
}

// the option at argv[*at], with its value behind "=" or in the next word
static wn_status read_option(wn_args *args, int argc, char **argv, int *at, wn_error *err) {
  const wn_command *command = args->command;
  char name[64];
  const char *word = argv[*at] + 2, *sign = strchr(word, '=');
  size_t length = sign ? (size_t)(sign - word) : strlen(word);
  snprintf(name, sizeof name, "%.*s", length < 60 ? (int)length : 60, word);
  const wn_flag *flag = command->flags;
  while (flag->name && strcmp(flag->name, name) != 0) flag++;
  if (!flag->name) return unknown_option(command, name, err);
  if (!flag->repeats && is_given(args, flag))
    return wn_fail(err, WN_ERR_USER, "%s: --%s is given twice", command->name, name);
  if (args->n == WN_MAX_GIVEN) return wn_fail(err, WN_ERR_USER, "%s: more than %d options", command->name, args->n);
  const char *value = sign ? sign + 1 : NULL;
  if (!flag->value && value) return wn_fail(err, WN_ERR_USER, "%s: --%s takes no value", command->name, name);
  if (flag->value && !value && *at + 1 < argc && strncmp(argv[*at + 1], "--", 2) != 0) value = argv[++*at];
  if (flag->value && !(value && *value))
    return wn_fail(err, WN_ERR_USER, "%s: --%s: expected a value: --%s %s", command->name, name, name, flag->value);
  args->given[args->n].flag = flag;
  args->given[args->n++].value = value;
  return WN_OK;
}

static wn_status read_operand(wn_args *args, const char *word, wn_error *err) {
  const wn_command *command = args->command;
  if (!command->operand)
    return wn_fail(err, WN_ERR_USER, "%s: expected options only, got \"%.80s\"", command->name, word);
  bool several = strstr(command->operand, "...");
  if (args->operand && !several)
    return wn_fail(err, WN_ERR_USER, "%s: expected one %s, got \"%.80s\" and \"%.80s\"", command->name,
                   command->operand, args->operand, word);
  if (args->n_operand == WN_MAX_OPERAND)
    return wn_fail(err, WN_ERR_USER, "%s: more than %d %s", command->name, args->n_operand, command->operand);
  if (!args->operand) args->operand = word;
  args->operands[args->n_operand++] = word;
  return WN_OK;
}

wn_status wn_args_read(const wn_command *command, int argc, char **argv, wn_args *args, bool *help, wn_error *err) {
  *args = (wn_args){.command = command};
  *help = false;
  bool only_operands = false;
  // --help wins over whatever else is wrong
  for (int i = 0; i < argc; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return *help = true, WN_OK;
  for (int i = 0; i < argc; i++) {
    if (!only_operands && strcmp(argv[i], "--") == 0)
      only_operands = true;
    else if (!only_operands && strncmp(argv[i], "--", 2) == 0)
      WN_TRY(read_option(args, argc, argv, &i, err));
    else if (!only_operands && argv[i][0] == '-' && argv[i][1])
      return wn_fail(err, WN_ERR_USER, "%s: unknown option %.60s; options begin with --", command->name, argv[i]);
    else
      WN_TRY(read_operand(args, argv[i], err));
  }
  bool needed = command->operand && command->operand[0] != '[';
  if (needed && !args->operand)
    return wn_fail(err, WN_ERR_USER, "%s: expected %s, as in `wane %s %s`", command->name, command->operand,
                   command->name,
                   command == &wn_command_validate ? "naltrexone"
                   : command == &wn_command_merge  ? "x.csv.sweep"
                                                   : "standard_vs_low");
  return WN_OK;
}

bool wn_args_has(const wn_args *args, const char *name) {
  for (int i = 0; i < args->n; i++)
    if (strcmp(args->given[i].flag->name, name) == 0) return true;
  return false;
}

const char *wn_args_value(const wn_args *args, const char *name) {
  for (int i = 0; i < args->n; i++)
    if (strcmp(args->given[i].flag->name, name) == 0) return args->given[i].value;
  return NULL;
}

int wn_args_values(const wn_args *args, const char *name, const char **values) {
  int n = 0;
  for (int i = 0; i < args->n; i++)
    if (strcmp(args->given[i].flag->name, name) == 0) values[n++] = args->given[i].value;
  return n;
}
