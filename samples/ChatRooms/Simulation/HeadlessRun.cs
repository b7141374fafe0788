using Spectre.Console;

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

    public async Task<int> RunAsync()
    {
        Verdict? verdict = null;
        if (AnsiConsole.Profile.Out.IsTerminal)
        {
            await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
                .StartAsync(async context =>
                {
                    var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                    verdict = await RunAsync((what, part) =>
                    {
                        if (!bars.TryGetValue(what, out var bar))
                            bars.Add(what, bar = context.AddTask(what, maxValue: 1));
                        bar.Value = part;
                    });
                });
        }
        else
        {
            var lines = new PlainProgress(_time);
            verdict = await RunAsync(lines.Show);
        }
        RunReport.Print(verdict!);
        return verdict!.Broken.Count == 0 ? 0 : 1;
    }

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
        return await new FinalCheck(app, server).RunAsync(part => show("checking", part));
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
