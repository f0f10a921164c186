import DockerEngine
import GRDB
import ServiceLifecycle
