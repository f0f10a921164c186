import ArgumentParser

/// SSH options for a command that connects to hosts as the server does.
struct SSHOptions: ParsableArguments {
    @OptionGroup
    var configuration: SSHConfigurationOptions

    @OptionGroup
    var state: StateOptions

    func set(in flags: inout Flags) {
        configuration.set(in: &flags)
        state.set(in: &flags)
    }
}

/// The configuration that OpenSSH reads.
struct SSHConfigurationOptions: ParsableArguments {
    @Option(help: "An OpenSSH configuration to use alone, or none. (default: the user's own)")
    var sshConfig: String?

    func set(in flags: inout Flags) { flags.set("ssh-config", sshConfig) }
}
