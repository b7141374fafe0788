using Microsoft.Extensions.Options;
using ScaleKit.Admission;
using ScaleKit.RateLimiting;

namespace ChatRooms;

/// <summary>A run without a person: the crowd chats, the messages move half-way through, then every promise is checked.</summary>
internal sealed class HeadlessRun(WebApplication app, Uri server, int seconds)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestMigration = TimeSpan.FromMinutes(3);

    private readonly TimeProvider _time = app.Services.GetRequiredService<TimeProvider>();
    private readonly Crowd _crowd = app.Services.GetRequiredService<Crowd>();
    private readonly RunChecker _checker = app.Services.GetRequiredService<RunChecker>();
    private readonly MigrationControl _migration = app.Services.GetRequiredService<MigrationControl>();

    public Task<int> RunAsync() => ShownRun.RunAsync(RunAsync, _time);

    private async Task<Verdict> RunAsync(Action<string, double> show)
    {
        _crowd.Start(server);
        var started = _time.GetTimestamp();
        var length = TimeSpan.FromSeconds(seconds);
        using (var timer = new PeriodicTimer(Beat, _time))
        {
            for (var elapsed = TimeSpan.Zero; elapsed < length; elapsed = _time.GetElapsedTime(started))
            {
                show("chatting", elapsed / length);
                if (elapsed >= length / 2)
                {
                    _migration.TryStart();
                    show("migrating", _migration.Read().Progress);
                }
                await timer.WaitForNextTickAsync();
            }
            show("chatting", 1);
        }
        _migration.TryStart();
        await WatchMigrationAsync(show);
        // The messages that came after the move are checked too: the crowd goes home last.
        await _crowd.StopAsync();
        return await CheckAsync(app, server, part => show("checking", part));
    }

    /// <summary>The check, and what the application itself tells besides.</summary>
    public static async Task<Verdict> CheckAsync(WebApplication app, Uri server, Action<double> show)
    {
        var services = app.Services;
        var check = new FinalCheck(
            services.GetRequiredService<RunChecker>(), services.GetRequiredService<SeatLedger>().Read(), services.GetRequiredService<IOptions<AdmissionOptions>>().Value,
            services.GetRequiredService<IOptions<RateLimitOptions>>().Value, services.GetRequiredService<DataFolder>().Shards, server, services.GetRequiredService<TimeProvider>());
        var verdict = await check.RunAsync(show);
        await services.GetRequiredService<RowCounter>().CountAsync(CancellationToken.None);
        var snapshot = services.GetRequiredService<SnapshotBuilder>().Build();
        // The sockets know who left, the queue whether the seat came back.
        if (snapshot.Seats.Taken + snapshot.Waiting.Taken > 0)
            verdict = verdict with { Broken = [.. verdict.Broken, $"everybody has left, and the queue counts {snapshot.Seats.Taken} seats and {snapshot.Waiting.Taken} in line"] };
        // Nothing is lost either where nothing can be said.
        if (verdict is { Users: > 0, Messages: 0 })
            verdict = verdict with { Broken = [.. verdict.Broken, $"{verdict.Users} people were there, and not one message was acknowledged"] };
        return verdict with { Shards = snapshot.Shards, Migration = snapshot.Migration, Latencies = snapshot.Latencies };
    }

    private async Task WatchMigrationAsync(Action<string, double> show)
    {
        var started = _time.GetTimestamp();
        using var timer = new PeriodicTimer(Beat, _time);
        while (_migration.Read().Running && _time.GetElapsedTime(started) < LongestMigration)
        {
            show("migrating", _migration.Read().Progress);
            await timer.WaitForNextTickAsync();
        }
        show("migrating", _migration.Read().Progress);
        if (_migration.Read() is { Phase: not "F" } state)
            _checker.Broken.Enqueue($"the migration ended in phase {state.Phase}: {state.Text}");
    }
}
