# Tests, found by where they are: tests/<room>/test_*.c is a cmocka program, tests/<room>/test_*.sh and test_*.py drive the program.
# A test runs in a directory of its own; WANE_TEST_DIR, WANE_SOURCE_DIR, WANE_EXE and WANE_LIB tell it where things are.
set(test_environment "WANE_TEST_DIR=${PROJECT_SOURCE_DIR}/tests" "WANE_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "WANE_EXE=${PROJECT_BINARY_DIR}/wane" "WANE_LIB=$<TARGET_FILE:libwane>" LC_ALL=C.UTF-8
    "ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1"
    "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/lsan.supp:print_suppressions=0"
    UBSAN_OPTIONS=print_stacktrace=1 "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1")
# sanitizers look for errors in memory: tests that compare numbers at length may do with some of them there, since the
# release run compares all
if(WANE_SANITIZE)
    list(APPEND test_environment WANE_SANITIZED=1)
endif()

function(wane_add_test name)
    set(directory "${PROJECT_BINARY_DIR}/tests/scratch/${name}")
    file(MAKE_DIRECTORY "${directory}")
    add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY "${directory}")
    set_tests_properties(${name} PROPERTIES TIMEOUT 1500 SKIP_RETURN_CODE 77 ENVIRONMENT "${test_environment}")
endfunction()

if(WANE_TESTS)
    pkg_check_modules(wane_cmocka REQUIRED IMPORTED_TARGET cmocka)
    add_custom_target(wane_thread_tests)
    # helpers that several tests share: tests/support/*.c, or headers beside the tests
    file(GLOB support_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.c")
    if(support_sources)
        add_library(wane_test_support STATIC ${support_sources})
        target_include_directories(wane_test_support PUBLIC "${PROJECT_SOURCE_DIR}/tests")
        target_link_libraries(wane_test_support PUBLIC wane_core PkgConfig::wane_cmocka)
    endif()
    file(GLOB test_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/*/test_*.c")
    foreach(source IN LISTS test_sources)
        cmake_path(GET source STEM stem)
        cmake_path(GET source PARENT_PATH room)
        cmake_path(GET room FILENAME room)
        set(target ${room}_${stem})
        add_executable(${target} "${source}")
        set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
        target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
        target_link_libraries(${target} PRIVATE $<TARGET_NAME_IF_EXISTS:wane_test_support> wane_core
                              PkgConfig::wane_cmocka)
        target_compile_definitions(${target} PRIVATE "WANE_TEST_DIR=\"${PROJECT_SOURCE_DIR}/tests\"")
        wane_add_test(${room}/${stem} ${target})
        if(stem MATCHES "thread|pool")
            set_property(TEST ${room}/${stem} PROPERTY LABELS threads)
            add_dependencies(wane_thread_tests ${target})
        endif()
    endforeach()

    file(GLOB scripts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/*/test_*.sh" "${PROJECT_SOURCE_DIR}/tests/*/test_*.py")
    foreach(script IN LISTS scripts)
        cmake_path(GET script FILENAME file)
        cmake_path(GET script PARENT_PATH room)
        cmake_path(GET room FILENAME room)
        if(script MATCHES "\\.sh$")
            wane_add_test(${room}/${file} bash "${script}")
        else()
            wane_add_test(${room}/${file} /usr/bin/python3 "${script}")
        endif()
    endforeach()
endif()

# the house rules cost no compiling; a sanitized build need not repeat them
if(NOT WANE_SANITIZE)
    foreach(rule IN ITEMS libraries floors quiet sizes format shell paths)
        wane_add_test(house/${rule} bash "${PROJECT_SOURCE_DIR}/cmake/house.sh" ${rule})
    endforeach()
    wane_add_test(house/exports bash "${PROJECT_SOURCE_DIR}/cmake/house.sh" exports $<TARGET_FILE:libwane>)
    wane_add_test(house/install bash "${PROJECT_SOURCE_DIR}/cmake/house.sh" install "${PROJECT_BINARY_DIR}")
endif()
