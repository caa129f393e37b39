# A thin face over the CMake presets and the scripts in ci/.
.DEFAULT_GOAL := help
.PHONY: help setup build debug asan test check bench fuzz format lint demo clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 14

setup: ## install the packages the project needs (Debian 12)
	ci/bootstrap

build: ## release build into build/release
	ci/build release

debug: ## debug build into build/debug
	ci/build debug

asan: ## unit and contract tests under address and undefined-behaviour sanitizers
	ci/sanitize

test: build ## all tests on the release build
	ctest --preset release -j $$(nproc)

check: ## exactly what CI runs
	ci/test

bench: ## Google Benchmark of the hot pieces
	ci/build bench rehearsal_bench audience_bench && build/bench/tests/bench/rehearsal_bench && build/bench/tests/bench/audience_bench

fuzz: ## a short run of every fuzz target
	ci/fuzz-smoke 20

format: ## format every C++ file
	git ls-files '*.h' '*.cc' | xargs clang-format -i

lint: ## clang-tidy over every file, as the debug preset compiles it
	cmake --preset debug >/dev/null
	cmake --build build/debug --target server_web_files scenario_catalogue report_page >/dev/null
	git ls-files '*.cc' | grep -v '^tests/fuzz' | xargs -P $$(nproc) -n 4 clang-tidy --quiet -p build/debug

demo: ## the first rehearsal
	ci/quickstart

clean: ## remove the build folders
	rm -rf build
