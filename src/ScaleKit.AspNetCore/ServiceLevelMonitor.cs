using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ScaleKit.AspNetCore;

/// <summary>
/// Tells when too many of the requests fail, and when 95 % of them take longer than promised: once when it begins and once when it is over, as this process sees it. Judged over a sliding window, by
/// the first request of each tenth of it or by whoever reads it. Counting allocates nothing. Thread-safe.
/// </summary>
/// <remarks>
/// With <c>AddScaleKitServiceLevel</c> it counts the requests that the host measures (<c>http.server.request.duration</c>): all but WebSockets and endpoints with <c>DisableHttpMetrics</c>, which suits
/// those that are slow on purpose. Without, call <see cref="Record"/>.
/// </remarks>
public sealed class ServiceLevelMonitor : IDisposable
{
    /// <summary>The share of the requests that may take longer: the 95th percentile is the time that it is about.</summary>
    private const double SlowLimit = 0.05;
    private const double KeptAt = 0.75;

    private readonly Lock _gate = new();
    private readonly ServiceLevelOptions _options;
    private readonly SlidingTally _tally;
    private readonly ILogger _logger;
    private readonly Meter? _owned;
    private IDisposable? _following;
    private bool _isEnabled;
    private bool _failsTooOften;
    private bool _isTooSlow;
    private volatile bool _isDisposed;

    /// <summary>A monitor that has seen no request.</summary>
    /// <param name="options">The objectives, checked and copied; the defaults if <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock of the window; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Where changes are logged; nowhere if <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; a meter of its own if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ServiceLevelMonitor(
        ServiceLevelOptions? options = null, TimeProvider? timeProvider = null, ILogger<ServiceLevelMonitor>? logger = null, IMeterFactory? meterFactory = null)
    {
        _options = (options ?? new ServiceLevelOptions()).CopyValidated();
        _isEnabled = _options.Enabled;
        _tally = new SlidingTally(_options.Window, timeProvider ?? TimeProvider.System);
        _logger = logger ?? NullLogger<ServiceLevelMonitor>.Instance;
        var meter = meterFactory?.Create(AspNetCoreDiagnostics.MeterName) ?? (_owned = new Meter(AspNetCoreDiagnostics.MeterName));
        meter.CreateObservableGauge(AspNetCoreDiagnostics.ErrorShare, () => Observe(static now => now.ErrorShare), "1", "The share of the requests that failed.");
        meter.CreateObservableGauge(AspNetCoreDiagnostics.SlowShare, () => Observe(static now => now.SlowShare), "1", "The share of the requests that took longer than the limit.");
        meter.CreateObservableGauge(AspNetCoreDiagnostics.Missed, ObserveMissed, "1", "1 while an objective is missed.");
    }

    /// <summary>
    /// An objective is missed, or kept again. Raised outside every lock, by the request or the reading that noticed it. A handler that throws is logged and harms nobody; a slow one delays that request.
    /// </summary>
    public event EventHandler<ServiceLevelEventArgs>? Changed;

    /// <summary>The kill switch. Off: no request is counted and nothing is missed. On again, the window begins empty.</summary>
    /// <value><see cref="ServiceLevelOptions.Enabled"/>.</value>
    public bool IsEnabled
    {
        get => Volatile.Read(ref _isEnabled);
        set
        {
            (ServiceLevelEventArgs?, ServiceLevelEventArgs?) changes;
            lock (_gate)
            {
                _isEnabled = value;
                if (!value)
                {
                    _tally.Clear();
                }

                changes = Judge_NeedsLock();
            }

            Tell(changes);
        }
    }

    /// <summary>Counts a request that has ended.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="isFailed">Whether it failed.</param>
    public void Record(TimeSpan duration, bool isFailed)
    {
        (ServiceLevelEventArgs?, ServiceLevelEventArgs?) changes = default;
        lock (_gate)
        {
            // Within the lock: off, the window stays empty.
            if (!_isEnabled)
            {
                return;
            }

            var isDue = _tally.Turn();
            ref var now = ref _tally.Now;
            now.All++;
            now.Failed += isFailed ? 1 : 0;
            now.Slow += duration > _options.LatencyLimit ? 1 : 0;
            now.NearlySlow += duration > _options.LatencyLimit * KeptAt ? 1 : 0;
            if (isDue)
            {
                changes = Judge_NeedsLock();
            }
        }

        Tell(changes);
    }

    /// <summary>The window that ends now. Judges it too, so that an objective is not missed for ever when no request comes.</summary>
    public ServiceLevelSnapshot GetSnapshot()
    {
        (ServiceLevelEventArgs?, ServiceLevelEventArgs?) changes;
        ServiceLevelSnapshot snapshot;
        lock (_gate)
        {
            _ = _tally.Turn();
            changes = Judge_NeedsLock();
            var sum = _tally.Sum();
            snapshot = new(sum.All, sum.ShareOf(sum.Failed), sum.ShareOf(sum.Slow), _failsTooOften, _isTooSlow);
        }

        Tell(changes);
        return snapshot;
    }

    /// <summary>Ends the gauges.</summary>
    public void Dispose()
    {
        // A factory's meter lives on, and so do its callbacks: from here on they report nothing.
        _isDisposed = true;
        _following?.Dispose();
        _owned?.Dispose();
    }

    /// <summary>Follows the kill switch until disposed.</summary>
    internal void Follow(IOptionsMonitor<ServiceLevelOptions> options) => _following = options.OnChange(changed => IsEnabled = changed.Enabled);

    private (ServiceLevelEventArgs? Errors, ServiceLevelEventArgs? Latency) Judge_NeedsLock()
    {
        var sum = _tally.Sum();
        var limit = _options.ErrorRateLimit;
        return (
            Changes(ref _failsTooOften, sum.All, sum.ShareOf(sum.Failed) > limit, sum.ShareOf(sum.Failed) > limit / 2)
                ? new(ServiceLevelObjective.ErrorRate, _failsTooOften, sum.ShareOf(sum.Failed)) : null,
            Changes(ref _isTooSlow, sum.All, sum.ShareOf(sum.Slow) > SlowLimit, sum.ShareOf(sum.NearlySlow) > SlowLimit)
                ? new(ServiceLevelObjective.Latency, _isTooSlow, sum.ShareOf(sum.Slow)) : null);
    }

    private bool Changes(ref bool isMissed, long requests, bool raises, bool stays)
    {
        var next = requests >= _options.MinimumRequests ? (isMissed ? stays : raises) : isMissed && requests > 0;
        if (next == isMissed)
        {
            return false;
        }

        isMissed = next;
        return true;
    }

    private void Tell((ServiceLevelEventArgs? Errors, ServiceLevelEventArgs? Latency) changes)
    {
        if (changes.Errors is { } errors)
        {
            Tell(errors);
        }

        if (changes.Latency is { } latency)
        {
            Tell(latency);
        }
    }

    private void Tell(ServiceLevelEventArgs change)
    {
        switch (change)
        {
            case { IsMissed: false }: Log.ObjectiveKept(_logger, change.Objective, change.Share); break;
            case { Objective: ServiceLevelObjective.ErrorRate }: Log.ErrorRateHigh(_logger, change.Share, _options.ErrorRateLimit); break;
            default: Log.LatencyHigh(_logger, change.Share, _options.LatencyLimit); break;
        }

        try
        {
            Changed?.Invoke(this, change);
        }
        catch (Exception exception)
        {
            // It belongs to the application: whatever it throws must not cost anybody an answer.
            Log.HandlerFailed(_logger, exception);
        }
    }

    private IEnumerable<Measurement<double>> Observe(Func<ServiceLevelSnapshot, double> read) =>
        !_isDisposed && GetSnapshot() is { Requests: > 0 } now ? [new(read(now))] : [];

    private IEnumerable<Measurement<int>> ObserveMissed()
    {
        if (_isDisposed)
        {
            return [];
        }

        var now = GetSnapshot();
        return
        [
            new(now.IsErrorRateMissed ? 1 : 0, new KeyValuePair<string, object?>(AspNetCoreDiagnostics.ObjectiveTag, "error_rate")),
            new(now.IsLatencyMissed ? 1 : 0, new KeyValuePair<string, object?>(AspNetCoreDiagnostics.ObjectiveTag, "latency")),
        ];
    }
}
