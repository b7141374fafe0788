using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ScaleKit.Redis;

namespace WaitingRoom;

/// <summary>One server: what an author writes to seat connections.</summary>
internal static class NodeApp
{
    public const int RoomCapacity = 8;
    public const int ActiveRooms = 3;
    public const int TotalCapacity = 12;

    /// <summary>How long Redis keeps the seats of a server that is gone: the library's default is twice that.</summary>
    public static TimeSpan StoreLease { get; } = TimeSpan.FromSeconds(5);

    public static async Task<WebApplication> StartAsync(SampleOptions options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAdmissionQueue(admission =>
        {
            (admission.RoomCapacity, admission.ActiveRooms, admission.TotalCapacity) = (RoomCapacity, ActiveRooms, TotalCapacity);

            // Who waited at a server that was killed waits on in Redis until its lease is over, and once more at the other server.
            (admission.QueueCapacity, admission.RoomQueueCapacity) = (2 * options.People, 2 * options.People);
            (admission.ProgressInterval, admission.StoreLease) = (TimeSpan.FromMilliseconds(200), StoreLease);
        });
        if (options.Redis is not null)
            builder.Services.AddScaleKitRedis(options.Redis, redis => redis.KeyPrefix = "waiting-room");
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/rooms/{room}", RoomSocket.HandleAsync);
        try
        {
            await app.StartAsync();
            if (options.Redis is { } redis && await app.Services.GetRequiredService<RedisConnection>().CheckHealthAsync() is { IsHealthy: false })
                throw new IOException($"no Redis answers at {redis}.");
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public static string AddressOf(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>As a process of its own: says its address and goes on until its input ends, as it does when the one who started it is gone.</summary>
    public static async Task<int> ServeAsync(SampleOptions options)
    {
        await using var app = await StartAsync(options);
        Console.WriteLine(AddressOf(app));
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
