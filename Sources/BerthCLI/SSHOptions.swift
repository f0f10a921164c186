import ArgumentParser

/// How hosts are reached by SSH, for a command that goes the server's ways.
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

/// Which configuration OpenSSH reads.
struct SSHConfigurationOptions: ParsableArguments {
    @Option(help: "An OpenSSH configuration to use alone, or none. (default: the user's own)")
    var sshConfig: String?

    func set(in flags: inout Flags) { flags.set("ssh-config", sshConfig) }
}
