using ScaleKit.Redis;
using SessionCache;

if (!SampleOptions.TryParse(args, out var options, out var message))
{
    Console.WriteLine(message);
    return args is ["--help"] ? 0 : 2;
}

try
{
    using var fleet = new Fleet(options.Redis);
    await using var a = new Node("A", fleet.NewLine(), fleet.Database);
    await using var b = new Node("B", fleet.NewLine(), fleet.Database);
    return await new CutLine(a, b, new Timeline(), options.Users).RunAsync();
}
catch (Exception error) when (error is RedisUnavailableException or TimeoutException or ArgumentException)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}
