# `make demo` shows it, `make test` checks all of it, `make help` says the rest.

CARGO ?= cargo
export PATH := $(HOME)/.cargo/bin:$(PATH):/usr/sbin:/sbin

.PHONY: help demo build test test-code golden check-style check-docs check-config check-unit test-displays test-systemd bench contact-sheets crash-test model-check fuzz install

help: ## What can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: ## Build it and watch a whole shop: broker, sensors, sign and figures, in a temporary folder
	@deploy/prerequisites
	$(CARGO) run --locked -- demo

build: ## The program as it is installed: target/release/noticed
	@deploy/prerequisites
	$(CARGO) build --locked --release

test: ## Every check
	@deploy/prerequisites test
	@$(MAKE) --no-print-directory check-unit check-style check-docs check-config test-displays test-code

golden: ## Take the signs as they are drawn now as what they must look like; look at the changes before committing them
	NOTICED_ACCEPT_GOLDEN=1 $(CARGO) test --locked --lib sign::golden

check-style:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

# cargo-nextest runs the same tests faster and prints one summary; without it cargo does. Examples in the documentation are
# only known to cargo.
test-code:
	$(CARGO) test --locked --doc --quiet
	if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --locked --no-fail-fast; \
	else \
		$(CARGO) test --locked --no-fail-fast --lib --bins --tests; \
	fi

check-docs:
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps

check-config:
	$(CARGO) run --locked --quiet -- check --config config/noticed.toml

check-unit: ## Whether the unit is as closed as it was
	systemd/check

test-displays: ## The sketches and files for displays, tried on this machine against stubs
	deploy/signs/host-test/run

test-systemd: ## The unit under a real systemd in a namespace of its own (root; a minute or two the first time)
	$(CARGO) build --locked
	tests/systemd/run

bench: ## How fast messages are taken, signs drawn and polls answered; memory, wake-ups, bytes written
	@deploy/prerequisites bench
	$(CARGO) bench --locked

# Every size of panel in every language and state, and every ink; docs/signs/sheets/shop.toml is the shop.
SHEETS = docs/signs/sheets
SIZES = 296x128 400x300 648x480 800x480 960x540 960x680 1200x825 1600x1200 1872x1404
INKS = bw bwr bwy bwry grey4 grey16 spectra6 acep7

contact-sheets: ## Every notice on every panel, small, in docs/signs/sheets, to look at
	$(CARGO) build --locked --release
	for size in $(SIZES); do \
		target/release/noticed sign sheet --config $(SHEETS)/shop.toml --panel $$size-bw --lang all --out $(SHEETS)/$$size.png || exit 1; \
	done
	target/release/noticed sign sheet --config $(SHEETS)/shop.toml $(foreach ink,$(INKS),--panel 800x480-$(ink) --panel 296x128-$(ink)) \
		--lang pl --out $(SHEETS)/inks.png

crash-test: ## The long runs: killed at random, over and over, and every figure still exact
	@deploy/prerequisites test
	$(CARGO) test --locked --test it -- --ignored --nocapture
	$(CARGO) test --locked --lib daemon::simulation::whole -- --ignored --nocapture

# After how many moves the search ends, and how many of them are the adversary's.
MODEL_DEPTH ?= 5
MODEL_FAULTS ?= 2

model-check: ## The engine through every order of events, by the million; MODEL_DEPTH=6 goes further
	MODEL_DEPTH=$(MODEL_DEPTH) MODEL_FAULTS=$(MODEL_FAULTS) $(CARGO) test --locked --profile checked --lib engine::model -- --ignored --nocapture

# How long each target is fuzzed, and which.
SECONDS ?= 60
FUZZ ?= decode profile expression config discover baseline

# Sanitizers are for nightly compilers, or for a stable one that is told to be one. One worker, so that a small box stays usable.
fuzz: ## Hostile input by the million: SECONDS=60 for each target in fuzz/ (needs cargo-fuzz and a C++ compiler)
	@$(CARGO) fuzz --version >/dev/null 2>&1 || { echo 'fuzz: cargo-fuzz is missing: cargo install --locked cargo-fuzz' >&2; exit 1; }
	cp -u Cargo.lock fuzz/Cargo.lock
	for target in $(FUZZ); do \
		RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run $$target -- -max_total_time=$(SECONDS) -max_len=16384 -timeout=5 \
			-rss_limit_mb=1024 -print_final_stats=1 || exit 1; \
	done

install: ## Program, unit and samples, after `make build`; configuration and key stay as they are
	install -D -m 755 target/release/noticed $(DESTDIR)/usr/bin/noticed
	install -D -m 644 systemd/noticed.service $(DESTDIR)/usr/lib/systemd/system/noticed.service
	install -D -m 644 config/noticed.toml $(DESTDIR)/usr/share/doc/noticed/noticed.toml
	install -D -m 644 config/fonts/LICENSE-OFL.txt $(DESTDIR)/usr/share/doc/noticed/LICENSE-OFL.txt
	install -D -m 644 deploy/mosquitto/noticed.conf $(DESTDIR)/usr/share/doc/noticed/mosquitto.conf
	install -D -m 644 README.md $(DESTDIR)/usr/share/doc/noticed/README.md
	target/release/noticed ledger page --out $(DESTDIR)/usr/share/doc/noticed/verify.html
