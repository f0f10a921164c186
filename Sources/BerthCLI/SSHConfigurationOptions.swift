import ArgumentParser

/// The configuration that OpenSSH reads.
struct SSHConfigurationOptions: ParsableArguments {
    @Option(help: "The OpenSSH configuration file to use, or none for no file. (default: the user's own configuration)")
    var sshConfig: String?

    func set(in flags: inout Flags) { flags.set("ssh-config", sshConfig) }
}
