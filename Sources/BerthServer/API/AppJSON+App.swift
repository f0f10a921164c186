import Berth
import BerthAPI
import DockerEngine

extension AppJSON {
    init(_ app: App) {
        self.init(
            name: app.name.description,
            settings: AppSettingsJSON(app.settings),
            release: app.release,
            createdAt: app.createdAt.description,
            updatedAt: app.updatedAt.description
        )
    }
}

extension AppSettingsJSON {
    init(_ settings: AppSettings) {
        self.init(image: settings.image.description)
        command = settings.command?.words
        entrypoint = settings.entrypoint?.words
        variables = settings.variables.list.map { NamedString(name: $0.name, value: $0.value) }
        host = settings.host?.description
        ports = settings.ports.list.map(PortJSON.init)
        volumes = settings.volumes.list.map {
            VolumeJSON(name: $0.name, target: $0.target, isReadOnly: $0.isReadOnly)
        }
        memory = settings.memory
        nanoCPUs = settings.nanoCPUs
        restart = settings.restart.rawValue
        labels = settings.labels.list.map { NamedString(name: $0.name, value: $0.value) }
        user = settings.user
        workingDirectory = settings.workingDirectory
        stopTimeout = settings.stopTimeout
        maxRuntime = settings.maxRuntime
    }
}

extension PortJSON {
    init(_ port: Port) {
        self.init(container: port.container, host: port.host, transport: port.transport.rawValue)
    }
}
