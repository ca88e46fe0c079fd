// local.h - local sensitivities to files.
#ifndef WN_IO_LOCAL_H
#define WN_IO_LOCAL_H

#include "sim/local.h"

// Comment lines with title, caption and `command` (may be NULL), then one row per arm, metric and parameter:
// arm,quantity,of,day,value,unit,parameter,badge,parameter_value,parameter_unit,slope,per_ln,elasticity. slope is d
// metric / d parameter, per_ln d metric / d ln parameter, elasticity d ln metric / d ln parameter; empty where there is
// none. Errors: WN_ERR_IO with file and reason, nothing half-written.
wn_status wn_write_local_csv(const wn_local *local, const char *path, const char *command, wn_error *err);

#endif
