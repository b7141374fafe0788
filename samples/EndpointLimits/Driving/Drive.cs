using System.Globalization;
using System.Text.Json.Nodes;

namespace EndpointLimits;

/// <summary>Lets the clients loose on the servers, edits the table of limits meanwhile, and says at the end whether every promise was kept.</summary>
internal sealed class Drive(LimitedNodes nodes, LimitsFile limits, SampleOptions options)
{
    private static readonly TimeSpan ReloadDeadline = TimeSpan.FromSeconds(30);
    private readonly WindowJudge _judge = new();

    public async Task<int> RunAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 });
        using var stop = new CancellationTokenSource();
        var window = options.Window!.Value;
        var callers = Endpoint.All.SelectMany((endpoint, number) => new[]
        {
            new Caller(endpoint, endpoint.User, isPolite: false, nodes.Addresses, _judge).RunAsync(client, window, stop.Token),

            // A denied client is told one window for want of an end: waiting does not help it.
            endpoint.User is "mallory" ? Task.CompletedTask : new Caller(endpoint, $"polite {number}", isPolite: true, nodes.Addresses, _judge).RunAsync(client, window, stop.Token),
        }).ToArray();

        var reload = TimeSpan.MaxValue;
        await LimitTable.ShowAsync(_judge, async show =>
        {
            await Task.WhenAny(show(options.Duration / 2), Task.WhenAll(callers));
            limits.Edit(Change);
            reload = await UntilReloadedAsync(show);
            await Task.WhenAny(show(options.Duration / 2 - reload), Task.WhenAll(callers));
        });
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        _judge.Judge();
        return Conclude(reload);
    }

    private static void Change(JsonObject policies)
    {
        policies["ai/chat"]!["Shadow"] = false;
        policies["google/sync"]!["Limit"] = 10;
    }

    private static async Task<TimeSpan> UntilReloadedAsync(Func<TimeSpan, Task> show)
    {
        var editedAt = TimeProvider.System.GetTimestamp();
        while (!IsReloaded() && TimeProvider.System.GetElapsedTime(editedAt) < ReloadDeadline)
            await show(TimeSpan.FromMilliseconds(100));
        return IsReloaded() ? TimeProvider.System.GetElapsedTime(editedAt) : TimeSpan.MaxValue;
    }

    private static bool IsReloaded() => Endpoint.All.Any(endpoint => endpoint.Now.LastPolicy.Contains("\"google/sync\";q=10;", StringComparison.Ordinal));

    private int Conclude(TimeSpan reload)
    {
        var counts = Endpoint.All.Select(endpoint => endpoint.Now).ToList();
        var (sent, admitted, refused) = (counts.Sum(c => c.Sent), counts.Sum(c => c.Admitted), counts.Sum(c => c.Refused));
        var (kept, broken, errors) = (counts.Sum(c => c.KeptPromises), counts.Sum(c => c.BrokenPromises), counts.Sum(c => c.Errors));
        var reloadMs = reload == TimeSpan.MaxValue ? "never" : reload.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"RESULT nodes={nodes.Addresses.Count} sent={sent} admitted={admitted} refused={refused} would_refuse={counts.Sum(c => c.WouldRefuse)} most_of_limit={_judge.MostOfLimit:0.000} retry_kept={kept} retry_broken={broken} errors={errors} reload_ms={reloadMs}"));
        return _judge.MostOfLimit <= 1 && broken == 0 && errors == 0 && reload != TimeSpan.MaxValue ? 0 : 1;
    }
}
