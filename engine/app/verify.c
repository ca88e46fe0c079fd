// verify.c - what --verify asks for, and what is said of it. Invariant: what goes into files never depends on a clock.

#include "app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// what a run spends on it by default, ns of one core; and when it ends at the latest, where only a terminal sees it
static const double WORK = 4e7, SECONDS = 0.05;

wn_status wn_app_verify_def(const wn_args *args, double share, wn_verify_def *def, wn_error *err) {
  const char *text = wn_args_value(args, "verify");
  *def = (wn_verify_def){.share = share, .work = text ? 0 : WORK};
  if (!text) return WN_OK;
  char *end = NULL;
  const bool is_all = strcmp(text, "all") == 0, is_off = strcmp(text, "off") == 0;
  def->share = is_all ? 1 : is_off ? 0 : strtod(text, &end);
  if (is_all || is_off || (end != text && *end == 0 && def->share > 0 && def->share <= 1)) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "--verify: expected all, off or a share above 0 up to 1, like 0.01, got \"%.60s\"",
                 text);
}

wn_status wn_app_verify_study(wn_study *study, const wn_verify_def *asked, bool to_files, wn_error *err) {
  wn_verification verdict;
  wn_verify_def def = *asked;
  if (!to_files && def.work > 0) def.seconds = SECONDS;
  def.n_thread = study->run.n_thread;
  WN_TRY(wn_verify(study->scenario, &study->run, study->result, &def, &verdict, err));
  wn_verification_words(&verdict, study->result->verified);
  wn_app_say_verification(&verdict);
  return WN_OK;
}

void wn_app_say_verification(const wn_verification *verdict) {
  char words[320];
  wn_verification_warning(verdict, words);
  if (*words) wn_app_say("warning: %s", words);
}
