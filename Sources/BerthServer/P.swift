import Berth
import Configuration
import Hummingbird
