// version.h - which Lua is inside.
#ifndef WN_SCRIPT_VERSION_H
#define WN_SCRIPT_VERSION_H

// "Lua 5.4.4".
const char *wn_script_library(void);

#endif
