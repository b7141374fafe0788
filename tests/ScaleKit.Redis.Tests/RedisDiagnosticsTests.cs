using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests;

public sealed class RedisDiagnosticsTests
{
    [Fact]
    public async Task Meter_CallsFailuresAndReloads_AreCountedUnderTheirNames()
    {
        await using var server = await RedisServer.StartAsync();
        using var factory = new OwnMeters();
        var seen = new ConcurrentQueue<(string Instrument, double Value, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => seen.Enqueue((i.Name, value, Text(tags))));
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => seen.Enqueue((i.Name, value, Text(tags))));
        listener.SetMeasurementEventCallback<int>((i, value, tags, _) => seen.Enqueue((i.Name, value, Text(tags))));
        listener.Start();
        var options = new RedisOptions { ConnectionString = server.ConnectionString, CallTimeout = TimeSpan.FromSeconds(10), BreakerMinimumCalls = 2 };
        await using var connection = await new RedisConnection(options, meterFactory: factory).ReadyAsync();

        await connection.GetAsync("k");
        await server.KillAsync();
        await Eventually.HoldsAsync(
            async () => await Connect.FailureAsync(connection.GetAsync("k")) is RedisFailure.CircuitOpen, "the breaker opens");
        listener.RecordObservableInstruments();

        Assert.Contains(seen, m => m.Instrument == RedisDiagnostics.ScriptReloads && m.Tags == "operation=health");
        Assert.Contains(seen, m => m.Instrument == RedisDiagnostics.CallDuration && m.Tags == "operation=health,outcome=ok");
        Assert.Contains(seen, m => m.Instrument == RedisDiagnostics.CallDuration && m.Tags == "operation=get,outcome=ok");
        Assert.Contains(seen, m => m.Instrument == RedisDiagnostics.CallDuration && m.Tags == "operation=get,outcome=not_connected");
        Assert.Contains(seen, m => m.Instrument == RedisDiagnostics.CallDuration && m.Tags == "operation=get,outcome=circuit_open");
        Assert.Contains(seen, m => m is { Instrument: RedisDiagnostics.BreakerState, Value: 2 });
        Assert.DoesNotContain(seen, m => m.Tags.Contains("{k}", StringComparison.Ordinal));
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
}
