using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using ScaleKit.Redis;

namespace ChatRooms;

/// <summary>From the arguments to the exit code: 0 done, 1 an invariant is broken, 2 it could not start.</summary>
internal static class Launcher
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (!CommandLineParser.TryParse(args, out var options, out var error))
            return await FailAsync(error!);
        if (options.Help)
        {
            Console.WriteLine(CommandLineParser.Usage);
            return 0;
        }
        try
        {
            if (options.Proxy is not null)
                return await ProxyServer.RunAsync(options.Proxy, PortChoice.Urls(options.Urls));
            using var folder = new DataFolder(options.Data);
            if (options.Drive is not null)
                return await new DriveRun(options, folder).RunAsync();
            await using var app = await ChatServer.StartAsync(options, folder, PortChoice.Urls(options.Urls));
            var server = ChatServer.AddressOf(app);
            Greet(options, folder, server);
            return options.Seconds is { } seconds
                ? await new HeadlessRun(app, server, seconds).RunAsync()
                : await ServeAsync(app, server);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SqliteException or ArgumentException or OptionsValidationException or RedisUnavailableException)
        {
            return await FailAsync(failure.Message);
        }
    }

    private static async Task<int> ServeAsync(WebApplication app, Uri server)
    {
        var crowd = app.Services.GetRequiredService<Crowd>();
        crowd.Start(server);
        await using var leaving = app.Lifetime.ApplicationStopping.Register(() => _ = crowd.StopAsync());
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static void Greet(ChatOptions options, DataFolder folder, Uri server)
    {
        Console.WriteLine($"ChatRooms: {server}");
        Console.WriteLine(options.Data is null ? "Data in a temporary folder, deleted at the end." : $"Data in {folder.Root}");
        if (options.Redis is not null)
            Console.WriteLine("One of the nodes on this Redis: sessions, limits, seats and phases are shared; give all of them the same --data.");
        Console.WriteLine(options.Simulate == 0 ? "No simulated people." : $"{options.Simulate} simulated people are arriving (--simulate 0 for none).");
        if (options.Seconds is null)
            Console.WriteLine("Ctrl+C ends it.");
    }

    private static async Task<int> FailAsync(string reason)
    {
        await Console.Error.WriteLineAsync($"ChatRooms: {reason}");
        return 2;
    }
}
