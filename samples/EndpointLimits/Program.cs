using EndpointLimits;
using ScaleKit.Redis;

if (!SampleOptions.TryParse(args, out var options, out var message))
{
    Console.WriteLine(message);
    return args is ["--help"] ? 0 : 2;
}

try
{
    using var limits = new LimitsFile(isOwn: !options.Serves);
    await using var nodes = await LimitedNodes.StartAsync(limits, options);
    return options.Serves ? await nodes.ServeAsync(limits) : await new Drive(nodes, limits, options).RunAsync();
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException or RedisUnavailableException or ArgumentException)
{
    await Console.Error.WriteLineAsync($"EndpointLimits: {error.Message}");
    return 1;
}
