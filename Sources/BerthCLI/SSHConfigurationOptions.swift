import ArgumentParser

/// The configuration that OpenSSH reads.
struct SSHConfigurationOptions: ParsableArguments {
    @Option(help: "An OpenSSH configuration to use alone, or none. (default: the user's own)")
    var sshConfig: String?

    func set(in flags: inout Flags) { flags.set("ssh-config", sshConfig) }
}
