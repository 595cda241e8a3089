from temporalio import activity


@activity.defn
async def say_hello(name: str) -> str:
    activity.logger.debug("Saying hello")
    return f"Hello, {name}!"
