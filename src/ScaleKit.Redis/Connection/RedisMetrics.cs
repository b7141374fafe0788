using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ScaleKit.Redis;

/// <summary>The instruments of one connection. Thread-safe.</summary>
internal sealed class RedisMetrics : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _timeouts;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _reloads;
    private readonly Counter<long> _gaps;

    public RedisMetrics(IMeterFactory? factory, TimeProvider time)
    {
        _time = time;
        _meter = factory?.Create(RedisDiagnostics.MeterName) ?? new Meter(RedisDiagnostics.MeterName);
        _duration = _meter.CreateHistogram<double>(RedisDiagnostics.CallDuration, "s", "Time of one call to Redis.");
        _timeouts = _meter.CreateCounter<long>(RedisDiagnostics.Timeouts, "{call}", "Calls without an answer in time.");
        _reconnects = _meter.CreateCounter<long>(RedisDiagnostics.Reconnects, "{connection}", "Connections that came back.");
        _reloads = _meter.CreateCounter<long>(RedisDiagnostics.ScriptReloads, "{script}", "Scripts that a server did not know.");
        _gaps = _meter.CreateCounter<long>(RedisDiagnostics.SubscriptionGaps, "{gap}", "Times that messages may have been missed.");
    }

    public void ObserveBreaker(Func<int> state) =>
        _meter.CreateObservableGauge(RedisDiagnostics.BreakerState, state, "{state}", "The circuit breaker: 0 closed, 1 half-open, 2 open.");

    public void Called(string operation, RedisFailure? failure, long started)
    {
        if (failure is RedisFailure.TimedOut)
        {
            _timeouts.Add(1, new KeyValuePair<string, object?>(RedisDiagnostics.OperationTag, operation));
        }

        if (_duration.Enabled)
        {
            _duration.Record(
                _time.GetElapsedTime(started).TotalSeconds,
                new TagList { { RedisDiagnostics.OperationTag, operation }, { RedisDiagnostics.OutcomeTag, Outcome(failure) } });
        }
    }

    public void Reconnected() => _reconnects.Add(1);

    public void Reloaded(string script) => _reloads.Add(1, new KeyValuePair<string, object?>(RedisDiagnostics.OperationTag, script));

    public void Gap() => _gaps.Add(1);

    // A factory disposes its meters itself, and hands out the same one to others; disposing it here is what IMeterFactory ignores.
    public void Dispose() => _meter.Dispose();

    private static string Outcome(RedisFailure? failure) => failure switch
    {
        null => "ok",
        RedisFailure.NotConnected => "not_connected",
        RedisFailure.TimedOut => "timed_out",
        RedisFailure.CircuitOpen => "circuit_open",
        RedisFailure.ServerUnready => "server_unready",
        _ => "command_refused",
    };
}
