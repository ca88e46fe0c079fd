# Shared modules: parts of wane that stand on large libraries (engine/base/module.h). Each is built when its library is
# found, and loaded by the program when first needed.
#
# wane_add_module(NAME SOURCES file... LIBRARIES target...): engine/modules/*.c -> libwane-NAME.so
function(wane_add_module name)
    cmake_parse_arguments(PARSE_ARGV 1 module "" "" "SOURCES;LIBRARIES")
    add_library(wane_module_${name} MODULE ${module_SOURCES})
    set_target_properties(wane_module_${name} PROPERTIES OUTPUT_NAME "wane-${name}" PREFIX lib
                          LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/modules")
    target_include_directories(wane_module_${name} PRIVATE "${PROJECT_SOURCE_DIR}/engine")
    target_link_libraries(wane_module_${name} PRIVATE wane_flags ${module_LIBRARIES})
    install(TARGETS wane_module_${name} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/wane")
    # whatever runs may load it
    foreach(user IN ITEMS wane_core libwane)
        if(TARGET ${user})
            add_dependencies(${user} wane_module_${name})
        endif()
    endforeach()
    set_property(GLOBAL APPEND PROPERTY WANE_MODULES ${name})
endfunction()

file(RELATIVE_PATH wane_module_dir "/prefix/${CMAKE_INSTALL_BINDIR}" "/prefix/${CMAKE_INSTALL_LIBDIR}/wane")
set_property(SOURCE "${PROJECT_SOURCE_DIR}/engine/base/module.c" APPEND PROPERTY COMPILE_DEFINITIONS
             "WANE_MODULE_DIR=\"${wane_module_dir}\"" "WANE_MODULE_BUILD_DIR=\"${PROJECT_BINARY_DIR}/modules\"")

# NetCDF files
pkg_check_modules(wane_netcdf QUIET IMPORTED_TARGET netcdf)
pkg_search_module(wane_hdf5 QUIET IMPORTED_TARGET hdf5-serial hdf5)
if(wane_netcdf_FOUND AND wane_hdf5_FOUND)
    wane_add_module(netcdf SOURCES engine/modules/netcdf.c LIBRARIES PkgConfig::wane_netcdf PkgConfig::wane_hdf5)
else()
    message(STATUS "netCDF is not there: --out takes .csv only (Debian: libnetcdf-dev)")
endif()

# MPI, for mpirun wane sweep
find_package(MPI QUIET COMPONENTS C)
if(MPI_C_FOUND)
    wane_add_module(mpi SOURCES engine/modules/mpi.c LIBRARIES MPI::MPI_C)
else()
    message(STATUS "MPI is not there: sweeps over several machines by --shard only (Debian: libopenmpi-dev)")
endif()

# machine code
set(WANE_LLVM auto CACHE STRING "auto (use LLVM where it is installed), off, or llvm-config of the one to use")
if(WANE_LLVM STREQUAL "auto")
    find_program(llvm_config NAMES llvm-config-14 llvm-config-15 llvm-config-16 llvm-config-17 llvm-config-18
                 llvm-config-19 llvm-config NO_CACHE)
else()
    set(llvm_config "${WANE_LLVM}")
endif()
set(llvm_version 0)
if(llvm_config)
    foreach(what IN ITEMS version includedir libdir)
        execute_process(COMMAND "${llvm_config}" --${what} OUTPUT_VARIABLE llvm_${what} OUTPUT_STRIP_TRAILING_WHITESPACE
                        COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endif()
if(llvm_version VERSION_GREATER_EQUAL 14 AND EXISTS "${llvm_includedir}/llvm-c/ExecutionEngine.h"
   AND EXISTS "${llvm_libdir}/libLLVMX86CodeGen.a" AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    message(STATUS "LLVM ${llvm_version}: machine code")
    # the parts in use are linked into the module: it opens in a quarter of the time that all of LLVM takes (23 ms against
    # 95 on a busy machine), and what is installed needs no LLVM
    foreach(what IN ITEMS libs system-libs)
        execute_process(COMMAND "${llvm_config}" --link-static --${what} mcjit x86codegen x86desc x86info core
                        OUTPUT_VARIABLE llvm_${what} OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
        separate_arguments(llvm_${what} UNIX_COMMAND "${llvm_${what}}")
    endforeach()
    file(GLOB native_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/engine/modules/native/*.c")
    # (the C++ runtime by its own name: the link to it comes with the C++ compiler, which nothing else needs)
    wane_add_module(native SOURCES ${native_sources} engine/expr/op.c
                    LIBRARIES ${llvm_libs} ${llvm_system-libs} -l:libstdc++.so.6)
    target_include_directories(wane_module_native SYSTEM PRIVATE "${llvm_includedir}")
    target_compile_definitions(wane_module_native PRIVATE "WANE_LLVM_VERSION=\"${llvm_version}\"")
    target_link_directories(wane_module_native PRIVATE "${llvm_libdir}")
    target_link_options(wane_module_native PRIVATE "LINKER:--no-undefined" "LINKER:--as-needed" "LINKER:-Bsymbolic"
                        "LINKER:--exclude-libs,ALL" "LINKER:--gc-sections")
else()
    message(STATUS "LLVM is not there: models too large for quick machine code are interpreted (Debian: llvm-14-dev, zlib1g-dev)")
endif()
