from greeting.activities import say_hello
from greeting.workflows import SayHello, SayHelloAndStay

WORKFLOWS = [SayHello, SayHelloAndStay]
ACTIVITIES = [say_hello]
