// describe.h - the two halves of wane describe.
#ifndef WN_APP_DESCRIBE_H
#define WN_APP_DESCRIBE_H

#include "app.h"

// One JSON object: name, title, caption, model, is_scenario, options, arms, windows, outputs, doses, hypotheses,
// states, parameters, covariates, individual, occasion, residual. The study is planned.
wn_status wn_describe_json(const wn_study *study, FILE *stream, wn_error *err);

#endif
