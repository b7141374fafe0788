using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ScaleKit.RateLimiting;

/// <summary>
/// Limits by named policy and key: never more than the policy's limit for one key in any window. Thread-safe; an admitted call of a known key allocates nothing
/// with the in-process store.
/// </summary>
public sealed class PolicyRateLimiter : IDisposable
{
    private readonly IRateLimitStore _store;
    private readonly InProcessRateLimitStore? _ownStore;
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private volatile PolicySet _policies;
    private volatile bool _isEnabled;

    /// <summary>Creates a limiter.</summary>
    /// <param name="options">Copied and checked here; later changes to the object have no effect, see <see cref="Update"/>. The defaults when null.</param>
    /// <param name="store">Where the counts live; it is not disposed. When null the limiter makes, and later disposes, an <see cref="InProcessRateLimitStore"/>.</param>
    /// <param name="timeProvider">The clock of the store that the limiter makes. The system's when null.</param>
    /// <param name="loggerFactory">Told of unknown policies and of changes. None when null.</param>
    /// <param name="meterFactory">Makes the meter <see cref="RateLimitingDiagnostics.MeterName"/>. The limiter makes and disposes one of its own when null.</param>
    /// <exception cref="ArgumentException">A policy is out of range or there is no policy <c>default</c>.</exception>
    public PolicyRateLimiter(
        RateLimitOptions? options = null,
        IRateLimitStore? store = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null)
    {
        options ??= new RateLimitOptions();
        _policies = PolicySet.Create(options, former: null);
        _isEnabled = options.Enabled;
        _ownStore = store is null ? new InProcessRateLimitStore(options.MaximumKeys, timeProvider, loggerFactory, meterFactory) : null;
        _store = store ?? _ownStore!;
        _logger = loggerFactory?.CreateLogger(RateLimitingDiagnostics.MeterName) ?? NullLogger.Instance;
        _meter = meterFactory?.Create(RateLimitingDiagnostics.MeterName) ?? new Meter(RateLimitingDiagnostics.MeterName);
        _requests = _meter.CreateCounter<long>(RateLimitingDiagnostics.Requests, "{request}", "Calls answered by the rate limiter.");
    }

    /// <summary>
    /// The kill switch, effective from the next call on. When false every call is acquired as <see cref="RateLimitOutcome.Bypassed"/> and nothing is counted;
    /// arguments are still checked. The counts taken before stay and go on leaving their windows.
    /// </summary>
    public bool IsEnabled
    {
        get => _isEnabled;
        set => _isEnabled = value;
    }

    internal Meter Meter => _meter;

    /// <summary>Takes permits or refuses. With the in-process store it completes at once.</summary>
    /// <param name="policy">Name of a policy, without regard to case. An unknown one is answered by <c>default</c>, and counted there.</param>
    /// <param name="key">Who is limited: 1 to 256 characters of any kind.</param>
    /// <param name="permits">0 to the policy's limit; 0 tells whether one is free and takes none.</param>
    /// <param name="cancellationToken">Ends the wait for a store over a network; whether the permits were taken is then unknown.</param>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> or <paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="key"/> is too long, or <paramref name="permits"/> negative or over the limit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public ValueTask<RateLimitDecision> AcquireAsync(string policy, string key, int permits = 1, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<RateLimitDecision>(cancellationToken);
        }

        var found = Check(policy, key, permits);
        if (!_isEnabled)
        {
            return new(Count(RateLimitDecision.Bypassed(found), permits));
        }

        var pending = _store.AcquireAsync(new RateLimitCharge(found, key, permits), cancellationToken);
        return pending.IsCompletedSuccessfully ? new(Count(pending.Result, permits)) : AwaitAsync(pending, permits);
    }

    /// <summary>Takes permits or refuses without any I/O: <see cref="RateLimitOutcome.Undecided"/> where only a store over a network could tell.</summary>
    /// <inheritdoc cref="AcquireAsync"/>
    public RateLimitDecision AttemptAcquire(string policy, string key, int permits = 1)
    {
        var found = Check(policy, key, permits);
        return Count(_isEnabled ? _store.AttemptAcquire(new RateLimitCharge(found, key, permits)) : RateLimitDecision.Bypassed(found), permits);
    }

    /// <summary>
    /// Takes the permits of all charges or of none: ten a second AND a thousand an hour, per user AND per tenant. Make the charges with <see cref="GetPolicy"/>.
    /// </summary>
    /// <param name="charges">1 to 16 charges. Two charges of one policy and key count as their sum.</param>
    /// <param name="cancellationToken">Ends the wait for a store over a network.</param>
    /// <returns>Acquired: the decision of the charge with the fewest permits left. Refused: that of the one to wait longest for.</returns>
    /// <exception cref="ArgumentException">There is no charge, or one is the default value.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 16.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async ValueTask<RateLimitDecision> AcquireAllAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StoreRules.CheckCharges(charges.Span, nameof(charges));
        var decision = _isEnabled
            ? await _store.AcquireAllAsync(charges, cancellationToken).ConfigureAwait(false)
            : RateLimitDecision.Bypassed(charges.Span[0].Policy);
        if (!decision.IsAcquired)
        {
            return Count(decision, permits: 1);
        }

        foreach (ref readonly var charge in charges.Span)
        {
            Count(charge.Policy.Name, decision.Outcome, charge.Permits);
        }

        return decision;
    }

    /// <summary>
    /// Corrects what an acquired call took by what it really cost, for example the tokens that an answer turned out to have. Fewer permits: the difference is free
    /// again. More: they are taken also beyond the limit, up to twice the limit, so that later calls pay for them.
    /// </summary>
    /// <param name="policy">The policy that the call named.</param>
    /// <param name="key">The key that it named.</param>
    /// <param name="taken">The permits that it took, 0 to the policy's limit.</param>
    /// <param name="actual">What it should have taken, 0 or more; 0 gives everything back.</param>
    /// <param name="cancellationToken">Ends the wait for a store over a network.</param>
    /// <returns>False when such a store was of no use; nothing is corrected then. Always true when the kill switch is off, where nothing was counted.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> or <paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="key"/> is too long, or a number out of its range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public ValueTask<bool> SettleAsync(string policy, string key, int taken, int actual, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        var charge = new RateLimitCharge(Check(policy, key, taken), key, taken);
        return _isEnabled ? _store.SettleAsync(charge, actual, cancellationToken) : new(true);
    }

    /// <summary>
    /// Puts other policies and another <see cref="IsEnabled"/> in force from the next call on. No count is lost: a new limit applies to what was taken already,
    /// also under another window or number of buckets (a longer window cannot know permits that had left the shorter one).
    /// <see cref="RateLimitOptions.MaximumKeys"/> is not read again.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">A policy is out of range or there is no policy <c>default</c>; the former policies then stay in force.</exception>
    public void Update(RateLimitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _policies = PolicySet.Create(options, _policies);
        _isEnabled = options.Enabled;
        Log.PoliciesChanged(_logger, _policies.Count, _isEnabled);
    }

    /// <summary>The policy that answers for a name: the default one for an unknown name.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public RateLimitPolicy GetPolicy(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = _policies.Find(name, out var isFirstUnknown);
        if (isFirstUnknown)
        {
            Log.UnknownPolicy(_logger, EscapedText.Of(name));
        }

        return found;
    }

    /// <summary>Disposes what the limiter made itself: its store and its meter.</summary>
    public void Dispose()
    {
        _ownStore?.Dispose();
        _meter.Dispose();
    }

    /// <summary>A reload from a configuration: an invalid one is logged, never thrown into whoever noticed the change.</summary>
    internal void UpdateOrIgnore(RateLimitOptions options)
    {
        try
        {
            Update(options);
        }
        catch (ArgumentException exception)
        {
            Log.ChangeIgnored(_logger, exception);
        }
    }

    private RateLimitPolicy Check(string policy, string key, int permits)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ChargeRules.CheckKey(key);
        ChargeRules.CheckPermits(permits);
        return GetPolicy(policy);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RateLimitDecision> AwaitAsync(ValueTask<RateLimitDecision> pending, int permits) =>
        Count(await pending.ConfigureAwait(false), permits);

    private RateLimitDecision Count(in RateLimitDecision decision, int permits)
    {
        Count(decision.Policy, decision.Outcome, permits);
        return decision;
    }

    private void Count(string policy, RateLimitOutcome outcome, int permits)
    {
        if (permits > 0 && _requests.Enabled)
        {
            _requests.Add(1, new(RateLimitingDiagnostics.PolicyTag, policy), new(RateLimitingDiagnostics.ResultTag, ResultOf(outcome)));
        }
    }

    private static string ResultOf(RateLimitOutcome outcome) => outcome switch
    {
        RateLimitOutcome.Acquired => "acquired",
        RateLimitOutcome.Refused => "refused",
        RateLimitOutcome.Bypassed => "bypass",
        _ => "undecided",
    };
}
