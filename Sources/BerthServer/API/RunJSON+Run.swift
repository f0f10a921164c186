import Berth
import BerthAPI
import DockerEngine
import JSON

extension RunJSON {
    /// Creates the JSON without the fields that only the host can provide.
    init(_ run: Run) {
        self.init()
        name = run.name.description
        app = run.app.description
        release = run.release
        host = run.host.description
        image = run.image
        state = run.state.rawValue
        status = run.state.status.rawValue
        createdAt = run.createdAt.description
        imageID = run.imageID
        command = run.command
        exitCode = run.exitCode
        reason = run.reason
        isOutOfMemory = run.isOutOfMemory
        containerID = run.containerID?.description
        ports = run.ports.map(PortJSON.init)
        health = run.health?.rawValue
        startedAt = run.startedAt?.description
        finishedAt = run.finishedAt?.description
    }
}

extension PortJSON {
    init(_ port: Port) {
        self.init()
        container = Int(port.container)
        host = port.host.map { Int($0) }
        self.protocol = port.transport.rawValue
        address = port.address
    }
}
