import BerthServer
import Configuration
import FoundationEssentials

/// A configuration source from flags, which override the environment.
struct Flags {
    private var values: [AbsoluteConfigKey: ConfigValue] = [:]

    /// - Parameter key: `state-dir` for `--state-dir`, which is BERTH_STATE_DIR in the environment.
    mutating func set(_ key: String, _ value: String?, isSecret: Bool = false) {
        guard let value else { return }
        values[AbsoluteConfigKey(["berth", key])] = ConfigValue(.string(value), isSecret: isSecret)
    }

    mutating func set(_ key: String, _ list: [String]) {
        guard !list.isEmpty else { return }
        values[AbsoluteConfigKey(["berth", key])] = ConfigValue(.stringArray(list), isSecret: false)
    }

    var reader: ConfigReader {
        let environment = Settings.given(ProcessInfo.processInfo.environment)
        return ConfigReader(providers: [
            InMemoryProvider(values: values), EnvironmentVariablesProvider(environmentVariables: environment),
        ])
    }
}
