using ScaleKit.Redis;
using WaitingRoom;

if (!SampleOptions.TryParse(args, out var options, out var message))
{
    Console.WriteLine(message);
    return args is ["--help"] ? 0 : 2;
}

try
{
    return options.IsNode ? await NodeApp.ServeAsync(options) : await new Story(options).RunAsync();
}
catch (Exception error) when (error is IOException or TimeoutException or RedisUnavailableException or ArgumentException)
{
    await Console.Error.WriteLineAsync($"WaitingRoom: {error.Message}");
    return 1;
}
