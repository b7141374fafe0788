using ChatRooms;
using ScaleKit.Admission;
using ScaleKit.Migration;
using ScaleKit.RateLimiting;
using Spectre.Console;

namespace ScaleKit.Analysis.Chaos;

/// <summary>
/// ChatRooms on three nodes, with people who chat, while one thing after another is done to it: nodes and Redis are killed and stopped, a replica is promoted. All the while the migration walks its ladder.
/// At the end every promise is checked by what the people noted, what the files hold and what the nodes show.
/// </summary>
internal sealed class ChaosRun
{
    public static readonly AnalysisCommand Command = new(
        "chaos",
        "ChatRooms on three nodes while nodes and Redis are killed, stopped, failed over and the migration moves, from a seed: nothing is lost, no cap and no limit exceeded",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["seconds"] = "600", ["seed"] = "1", ["people"] = "120" },
        RunAsync);

    private static readonly TimeSpan Emptying = TimeSpan.FromMinutes(1);

    // Within which the migration is to have been on every rung.
    private static readonly TimeSpan WholeLadder = TimeSpan.FromMinutes(3);

    private readonly ChatCluster _cluster;
    private readonly ClusterView _view;
    private readonly RunChecker _checker = new();
    private readonly List<TimelineEntry> _timeline = [];
    private readonly List<Disturbance> _disturbances = [];
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly MigrationWalk _walk;

    private ChaosRun(ChatCluster cluster, ClusterView view) => (_cluster, _view, _walk) = (cluster, view, new MigrationWalk(cluster, view, _started));

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var (seed, people) = (arguments.Number("seed", 0, int.MaxValue), arguments.Number("people", 1, 2_000));
        var length = TimeSpan.FromSeconds(arguments.Number("seconds", 1, 86_400));
        await using var file = new StreamWriter(arguments.FileFor($"chaos-{seed}.log"));
        await using var log = TextWriter.Synchronized(file);
        await using var cluster = await ChatCluster.StartAsync(log.WriteLine);
        using var view = new ClusterView(cluster);
        var (caps, limits) = NodeSettings.Read();
        var run = new ChaosRun(cluster, view);
        Verdict? verdict = null;
        await ProgressBars.New().StartAsync(async progress =>
        {
            await run.ChatAsync(new Crowd(people, caps.RoomCapacity, new RoomCatalog(), run._checker, run._time), seed, length, progress.AddTask($"seed {seed}"));
            verdict = await run.CheckAsync(caps, limits, progress.AddTask("checking", maxValue: 1));
        });
        ChaosTables.Print(run._timeline.Concat(run._walk.Timeline), [.. run._checker.Broken], seed);
        report.Figure("seed", seed);
        report.Figure("faults", run._timeline.Count);
        report.Figure("moves", run._walk.Timeline.Count);
        report.AtLeast("furthest_rung", run._walk.Furthest, length < WholeLadder ? 0 : (double)MigrationPhase.NewOnly);
        ChaosTables.Report(report, verdict, caps);
        report.AtMost("broken_promises", run._checker.Broken.Count, 0);
    }

    /// <summary>People chat while faults come and the migration walks; at the end all go home.</summary>
    private async Task ChatAsync(Crowd crowd, int seed, TimeSpan length, ProgressTask progress)
    {
        await using var everybody = crowd;
        crowd.Start(_cluster.Proxy);
        using var over = new CancellationTokenSource();
        await Task.WhenAll(HoldAsync(_walk.RunAsync(seed, over.Token)), HoldAsync(DisturbAsync(seed, length, progress), over));
        await HoldAsync(_view.AwaitWellAsync());
    }

    private async Task DisturbAsync(int seed, TimeSpan length, ProgressTask progress)
    {
        var injector = new FaultInjector(_cluster, _view);
        progress.MaxValue = length.TotalSeconds;
        await CalmAsync(TimeSpan.FromSeconds(5));
        foreach (var fault in FaultSchedule.Of(seed).TakeWhile(_ => _time.GetElapsedTime(_started) < length))
        {
            progress.Description = $"seed {seed}: {fault.Kind}";
            await InflictAsync(injector, fault);
            await CalmAsync(fault.Calm);
        }

        async Task CalmAsync(TimeSpan calm)
        {
            progress.Value = _time.GetElapsedTime(_started).TotalSeconds;
            await Task.Delay(calm, _time);
            progress.Value = _time.GetElapsedTime(_started).TotalSeconds;
        }
    }

    private async Task InflictAsync(FaultInjector injector, Fault fault)
    {
        var (what, disturbance) = await injector.InflictAsync(fault);
        _disturbances.Add(disturbance);
        _timeline.Add(new TimelineEntry(_time.GetElapsedTime(_started, disturbance.From), what, _time.GetElapsedTime(disturbance.From)));
    }

    /// <summary>What never comes about is a broken promise.</summary>
    private async Task HoldAsync(Task part, CancellationTokenSource? over = null)
    {
        try
        {
            await part;
        }
        catch (TimeoutException never)
        {
            _checker.Broken.Enqueue(never.Message);
        }
        finally
        {
            await (over?.CancelAsync() ?? Task.CompletedTask);
        }
    }

    /// <summary>Null, and a broken promise, where the nodes do not answer.</summary>
    private async Task<Verdict?> CheckAsync(AdmissionOptions caps, RateLimitOptions limits, ProgressTask progress)
    {
        try
        {
            return await CheckAsync(await EmptyAsync(), caps, limits, progress);
        }
        catch (Exception failure) when (failure is TimeoutException or HttpRequestException)
        {
            _checker.Broken.Enqueue($"the end cannot be checked: {failure.Message}");
            return null;
        }
    }

    private async Task<Verdict> CheckAsync(IReadOnlyList<DashboardSnapshot> nodes, AdmissionOptions caps, RateLimitOptions limits, ProgressTask progress)
    {
        foreach (var broken in NodeAtTheEnd.Broken([.. nodes.Select(static node => new NodeAtTheEnd(node.Migration.Phase, node.Seats.Taken, node.Waiting.Taken))]))
        {
            _checker.Broken.Enqueue(broken);
        }

        // The store that issues versions has the last word: the one file up to D, the shards from E on.
        using var folder = new DataFolder(_cluster.Folder);
        var check = new FinalCheck(
            _checker, new SeatHistory(_checker.Visits, _disturbances, caps.StoreLease, _time).Count(), caps, limits,
            nodes[0].Migration.Phase is "E" or "F" ? folder.Shards : [folder.OneFile], _cluster.Proxy, _time) { Excuses = new Excuses(_disturbances, _time) };
        return await check.RunAsync(part => progress.Value = part);
    }

    /// <summary>What the nodes say when the seats of everybody are free, or when they should have been for long.</summary>
    private async Task<IReadOnlyList<DashboardSnapshot>> EmptyAsync()
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            var nodes = await _view.ReadAllAsync();
            if (nodes.All(static node => node.Seats.Taken + node.Waiting.Taken == 0) || _time.GetElapsedTime(started) > Emptying)
            {
                return nodes;
            }
        }
    }
}
