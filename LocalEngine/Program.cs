using McpAspire.LocalEngine.Redis;

// Run by the engine itself; a person runs AppHost.
if (args is not [var argumentsFile])
{
    await Console.Error.WriteLineAsync("This is the local engine's embedded Redis. To run the stack: dotnet run --project AppHost");
    return 2;
}

return await EmbeddedRedisProgram.RunAsync(argumentsFile);
