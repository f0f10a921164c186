import Berth
import BerthAPI
import DockerEngine
import JSON

extension AppJSON {
    init(_ app: App) {
        self.init()
        name = app.name.description
        settings = app.settings.json
        release = app.release
        createdAt = app.createdAt.description
        updatedAt = app.updatedAt.description
    }
}
