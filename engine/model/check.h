// check.h - is a declaration complete and consistent? Private to model/.
#ifndef WN_MODEL_CHECK_H
#define WN_MODEL_CHECK_H

#include "model/model.h"

// WN_ERR_USER with file, line and the name of what is wrong.
wn_status wn_model_check(const wn_model *model, wn_error *err);

#endif
