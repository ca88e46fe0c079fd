# The libraries wane stands on; docs/dependencies.md says why each.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

set(WANE_LIBRARIES Threads::Threads m ${CMAKE_DL_LIBS})
foreach(module IN ITEMS lua5.4 sleef udunits cairo libpng zlib jansson)
    pkg_check_modules(wane_${module} REQUIRED IMPORTED_TARGET ${module})
    list(APPEND WANE_LIBRARIES PkgConfig::wane_${module})
endforeach()

include(CheckIncludeFile)
check_include_file(Random123/philox.h WANE_HAS_RANDOM123)
if(NOT WANE_HAS_RANDOM123)
    message(FATAL_ERROR "Random123/philox.h is missing: install librandom123-dev")
endif()

check_include_file(xxhash.h WANE_HAS_XXHASH)
if(NOT WANE_HAS_XXHASH)
    message(FATAL_ERROR "xxhash.h is missing: install libxxhash-dev")
endif()

# numbers as text and back: headers only
find_package(dragonbox 1.1 REQUIRED)
find_package(FastFloat 3.4 REQUIRED)
list(APPEND WANE_LIBRARIES dragonbox::dragonbox FastFloat::fast_float)

# SUNDIALS: our own -O2 build by default
set(WANE_SUNDIALS cached CACHE STRING "cached (build once at -O2 and keep), system (libsundials-dev), or a prefix")
set(sundials_components cvodes arkode nvecserial sunmatrixdense sunlinsoldense sunnonlinsolnewton
    sunnonlinsolfixedpoint)
# (a build directory that was configured for another one must not remember it)
unset(SUNDIALS_DIR CACHE)
if(WANE_SUNDIALS STREQUAL "system")
    find_package(SUNDIALS 6.4 REQUIRED COMPONENTS ${sundials_components})
    set(sundials_origin "system library")
else()
    set(sundials_prefix "${WANE_SUNDIALS}")
    set(sundials_origin "from ${WANE_SUNDIALS}")
    if(WANE_SUNDIALS STREQUAL "cached")
        execute_process(COMMAND "${PROJECT_SOURCE_DIR}/cmake/sundials.sh" OUTPUT_VARIABLE sundials_prefix
                        OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
        set(sundials_origin "built -O2 from Debian source")
    endif()
    find_package(SUNDIALS 6.4 REQUIRED COMPONENTS ${sundials_components} PATHS "${sundials_prefix}" NO_DEFAULT_PATH)
endif()
if(SUNDIALS_VERSION VERSION_LESS 6.4 OR NOT SUNDIALS_VERSION VERSION_LESS 8)
    message(FATAL_ERROR "SUNDIALS ${SUNDIALS_VERSION}: expected 6.4 or later, or 7; wane's tests have run with 6.4.1 and 7.5.0")
endif()
message(STATUS "SUNDIALS ${SUNDIALS_VERSION}, ${sundials_origin}")
foreach(component IN LISTS sundials_components)
    list(APPEND WANE_LIBRARIES SUNDIALS::${component})
endforeach()
target_compile_definitions(wane_flags INTERFACE
                           "WANE_SUNDIALS_BUILD=\"SUNDIALS ${SUNDIALS_VERSION}, ${sundials_origin}\"")
