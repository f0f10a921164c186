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
    @Option(help: "The OpenSSH configuration file to use, or none for no file. (default: the user's own configuration)")
    var sshConfig: String?

    func set(in flags: inout Flags) { flags.set("ssh-config", sshConfig) }
}
