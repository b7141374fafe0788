using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ScaleKit.Admission;
using ScaleKit.Migration;
using ScaleKit.Redis;
using ScaleKit.Sharding;

namespace ChatRooms;

/// <summary>The application: what an author writes to use the five primitives.</summary>
internal static class ChatServer
{
    public const int DefaultPort = 5080;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);

    /// <summary>Builds the application, opens its files and starts to listen.</summary>
    public static async Task<WebApplication> StartAsync(ChatOptions options, DataFolder folder, string urls, Action<WebApplicationBuilder>? configure = null)
    {
        var app = Build(options, folder, urls, configure);
        try
        {
            await LoadPhaseAsync(app.Services);
            _ = app.Services.GetRequiredService<MeterTotals>();
            _ = app.Services.GetRequiredService<SaturationBoard>();
            await app.StartAsync();
            // The last ones made are the first ones disposed: they send what is left while everything can still be measured.
            _ = app.Services.GetService<TracerProvider>();
            _ = app.Services.GetService<MeterProvider>();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address for clients of this machine.</summary>
    public static Uri AddressOf(WebApplication app)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal));
    }

    // Redis may come up later than the application; without the phase there is nothing that may be read or written.
    private static async Task LoadPhaseAsync(IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        for (var started = time.GetTimestamp(); ;)
        {
            try
            {
                await services.GetRequiredService<MigrationLadder>().LoadAsync(CancellationToken.None);
                return;
            }
            catch (RedisUnavailableException) when (time.GetElapsedTime(started) < LongestStart)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), time);
            }
        }
    }

    private static WebApplication Build(ChatOptions options, DataFolder folder, string urls, Action<WebApplicationBuilder>? configure)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
        });
        builder.WebHost.UseUrls(urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        });
        configure?.Invoke(builder);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        AddScaleKit(builder.Services, options);
        AddChat(builder.Services, options, folder);
        builder.Services.AddChatHealth(options);
        if (options.Otlp is not null)
        {
            builder.Services.AddSingleton(_ => TelemetryExport.Meters(new Uri(options.Otlp)));
            builder.Services.AddSingleton(_ => TelemetryExport.Traces(new Uri(options.Otlp)));
        }

        var app = builder.Build();
        // A proxy of this machine says for whom it asks; the limits per address and the operator's own address depend on it.
        app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor });
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(SecurityHeaders.AddAsync);
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(15) });
        app.Use(SessionIdentity.AddAsync);
        app.MapChatSocket();
        app.MapSessions();
        app.MapHistory();
        app.MapDashboard();
        app.MapOperator();
        app.MapHealth();
        return app;
    }

    private static void AddScaleKit(IServiceCollection services, ChatOptions options)
    {
        // The one line between a process and a cluster: sessions, limits, seats, phases and news of the rooms then go through Redis.
        if (options.Redis is not null)
            services.AddScaleKitRedis(options.Redis);

        // The second level of the session cache, and below the phase's journal, where there is no Redis.
        services.AddSingleton<IDistributedCache, SqliteDistributedCache>();
        services.AddTwoLevelCache(cache => cache.JsonSerializerOptions = ChatJson.Default.Options);
        services.AddScaleKitRateLimiting();
        services.AddAdmissionQueue();
        services.AddScaleKitServiceLevel();
        services.AddShardRouter(provider => SlotTopology.Create(
            provider.GetRequiredService<MessageFiles>().Shards.Select((file, number) => new Shard<IVersionedStore<string, ChatMessage>>($"shard-{number}", file))));
        services.TryAddSingleton<IMigrationJournal>(provider => MessageFiles.Journal(provider.GetRequiredService<DataFolder>()));
        services.AddDualWriteRepository<string, ChatMessage>(
            old: provider => provider.GetRequiredService<MessageFiles>().OneFile,
            @new: provider => new ShardedStore<string, ChatMessage>(
                provider.GetRequiredService<ShardRouter<IVersionedStore<string, ChatMessage>>>(), ShardRouting.Before('/')));
        services.AddSingleton(provider => provider.GetRequiredService<DualWriteRepository<string, ChatMessage>>().Ladder);
    }

    private static void AddChat(IServiceCollection services, ChatOptions options, DataFolder folder)
    {
        services.AddProblemDetails();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(folder);
        services.AddSingleton<ChatMetrics>();
        services.AddSingleton<MeterTotals>();
        services.AddSingleton<SessionTable>();
        services.AddSingleton<SessionService>();
        services.AddSingleton<RoomCatalog>();
        services.AddSingleton<MessageFiles>();
        services.AddSingleton<MessageLog>();
        services.AddSingleton<RoomHubs>();
        services.AddHostedService<RoomNews>();
        services.AddSingleton<SeatLedger>();
        services.AddSingleton<WaitingList>();
        services.AddSingleton<FrontDesk>();
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<MigrationControl>();
        services.AddSingleton<KillSwitches>();
        services.AddSingleton<SaturationBoard>();
        services.AddSingleton<RowCounter>();
        services.AddSingleton<SnapshotBuilder>();
        services.AddHostedService(provider => provider.GetRequiredService<RowCounter>());
        services.AddSingleton<DashboardFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<DashboardFeed>());
        services.AddSingleton<RunChecker>();
        services.AddSingleton(provider => new Crowd(
            options.Simulate, provider.GetRequiredService<IOptions<AdmissionOptions>>().Value.RoomCapacity, provider.GetRequiredService<RoomCatalog>(), provider.GetRequiredService<RunChecker>(), TimeProvider.System));
    }
}
