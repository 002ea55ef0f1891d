//! The thin binary; everything is in `run`.

fn main() -> std::process::ExitCode {
    watchfire::run::main()
}
