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
    private readonly InProcessRateLimitStore? _inProcess;
    private readonly WaitingLines _lines;
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private readonly RequestCounter _requests;
    private volatile PolicySet _policies;
    private volatile bool _isEnabled;

    /// <summary>Creates a limiter.</summary>
    /// <param name="options">Copied and checked here; later changes to the object have no effect, see <see cref="Update"/>. The defaults when null.</param>
    /// <param name="store">Where the counts live; it is not disposed. When null the limiter makes, and later disposes, an <see cref="InProcessRateLimitStore"/>.</param>
    /// <param name="timeProvider">The clock of the store that the limiter makes, and of those who wait in line. The system's when null.</param>
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
        _inProcess = _store as InProcessRateLimitStore;
        _logger = loggerFactory?.CreateLogger(RateLimitingDiagnostics.MeterName) ?? NullLogger.Instance;
        _meter = meterFactory?.Create(RateLimitingDiagnostics.MeterName) ?? new Meter(RateLimitingDiagnostics.MeterName);
        _lines = new WaitingLines(this, timeProvider ?? TimeProvider.System);
        _meter.CreateObservableUpDownCounter(RateLimitingDiagnostics.WaitingRequests, () => _lines.Waiting, "{request}", "Calls that wait in line for permits.");
        _requests = new RequestCounter(_meter);
    }

    /// <summary>
    /// The kill switch, effective from the next call on. When false every call is acquired as <see cref="RateLimitOutcome.Bypassed"/> and nothing is counted;
    /// arguments are still checked. Who waits in line goes on. The counts taken before stay and go on leaving their windows.
    /// </summary>
    public bool IsEnabled
    {
        get => _isEnabled;
        set
        {
            _isEnabled = value;
            _lines.NudgeAll();
        }
    }

    internal Meter Meter => _meter;

    /// <summary>
    /// Takes permits or refuses; where the policy has a <see cref="RateLimitPolicy.QueueLimit"/> it waits in line for them instead, first come first served. With the
    /// in-process store it completes at once unless it waits.
    /// </summary>
    /// <param name="policy">Name of a policy, without regard to case. An unknown one is answered by <c>default</c>, and counted there.</param>
    /// <param name="key">Who is limited: 1 to 256 characters of any kind.</param>
    /// <param name="permits">0 to the limit; 0 tells whether one is free, takes none and never waits.</param>
    /// <param name="cancellationToken">Ends the wait in line, which leaves nothing taken, or that for a store over a network, where it is then unknown whether the
    /// permits were taken.</param>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> or <paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="key"/> is too long, or <paramref name="permits"/> negative or over the limit, also over one that a
    /// reload lowered while the call waited.</exception>
    /// <exception cref="ObjectDisposedException">The limiter was disposed while the call waited.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public ValueTask<RateLimitDecision> AcquireAsync(string policy, string key, int permits = 1, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<RateLimitDecision>(cancellationToken);
        }

        var found = Find(policy, key, permits, out var lists);
        if (IsUncounted(lists, found, key, out var decision))
        {
            return new(Count(decision, permits));
        }

        var charge = new RateLimitCharge(found, key, permits);
        if (found.IsPlain && _inProcess is not null)
        {
            return new(Count(_inProcess.AttemptAcquire(charge), permits));
        }

        var pending = Waits(charge) ? _lines.AcquireAsync(charge, cancellationToken) : DecideAsync(charge, cancellationToken);
        return pending.IsCompletedSuccessfully ? new(Count(pending.Result, permits)) : AwaitAsync(pending, permits);
    }

    /// <summary>
    /// Takes permits or refuses without any I/O: <see cref="RateLimitOutcome.Undecided"/> where only a store over a network could tell. Does not wait, and does not
    /// overtake those who do.
    /// </summary>
    /// <param name="policy">Name of a policy, without regard to case. An unknown one is answered by <c>default</c>, and counted there.</param>
    /// <param name="key">Who is limited: 1 to 256 characters of any kind.</param>
    /// <param name="permits">0 to the limit; 0 tells whether one is free and takes none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> or <paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="key"/> is too long, or <paramref name="permits"/> negative or over the limit.</exception>
    public RateLimitDecision AttemptAcquire(string policy, string key, int permits = 1)
    {
        var found = Find(policy, key, permits, out var lists);
        if (IsUncounted(lists, found, key, out var decision))
        {
            return Count(decision, permits);
        }

        var charge = new RateLimitCharge(found, key, permits);
        return found.IsPlain && _inProcess is not null
            ? Count(_inProcess.AttemptAcquire(charge), permits)
            : Count(Waits(charge) && _lines.Find(found, key) is { } line ? line.Refusal : Shadowed(found, _store.AttemptAcquire(charge)), permits);
    }

    /// <summary>
    /// Takes the permits of all charges or of none: ten a second AND a thousand an hour, per user AND per tenant. Make the charges with <see cref="GetPolicy"/>.
    /// Never waits in line. Charges of a policy in shadow mode are taken each by itself when all others are; those of an allowed key are left out, and one of a denied
    /// key refuses all.
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
        RateLimitCharge.Check(charges.Span, nameof(charges));
        if (!_isEnabled)
        {
            return Count(RateLimitDecision.Bypassed(charges.Span[0].Policy), permits: 1);
        }

        var sorted = new SortedCharges(_policies.Lists, charges);
        if (sorted.Answer is { } known)
        {
            return Count(known, permits: 1);
        }

        RateLimitDecision? binding = null;
        if (!sorted.Enforced.IsEmpty)
        {
            binding = await _store.AcquireAllAsync(sorted.Enforced, cancellationToken).ConfigureAwait(false);
            if (!binding.Value.IsAcquired)
            {
                return Count(binding.Value, permits: 1);
            }

            _requests.Add(sorted.Enforced.Span, binding.Value.Outcome);
        }

        // After the others, whose refusal ends the call: a shadow counts what the call would have taken.
        foreach (var charge in sorted.Shadows)
        {
            var decision = Count(await DecideAsync(charge, cancellationToken).ConfigureAwait(false), charge.Permits);
            binding ??= decision;
        }

        return binding!.Value;
    }

    /// <summary>
    /// Corrects what an acquired call took by what it really cost, for example the tokens that an answer turned out to have. Fewer permits: the difference is free
    /// again. More: they are taken also beyond the limit, up to twice the limit, so that later calls pay for them. Only where the outcome was
    /// <see cref="RateLimitOutcome.Acquired"/>: other calls took nothing. And only within one window of the call: later its permits have left, and those of others
    /// would be given back.
    /// </summary>
    /// <param name="policy">The policy that the call named.</param>
    /// <param name="key">The key that it named.</param>
    /// <param name="taken">The permits that it took, 0 to the policy's limit.</param>
    /// <param name="actual">What it should have taken, 0 or more; 0 gives everything back.</param>
    /// <param name="cancellationToken">Ends the wait for a store over a network.</param>
    /// <returns>False when such a store was of no use; nothing is corrected then. Always true where nothing is counted: the kill switch is off, or the key is listed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> or <paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="key"/> is too long, or a number out of its range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async ValueTask<bool> SettleAsync(string policy, string key, int taken, int actual, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        var found = Find(policy, key, taken, out var lists);
        var charge = new RateLimitCharge(found, key, taken);
        if (IsUncounted(lists, found, key, out _))
        {
            return true;
        }

        var isSettled = await _store.SettleAsync(charge, actual, cancellationToken).ConfigureAwait(false);
        if (actual < taken)
        {
            _lines.Find(found, key)?.Nudge();
        }

        return isSettled;
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
        _lines.NudgeAll();
        Log.PoliciesChanged(_logger, _policies.Count, _isEnabled);
    }

    /// <summary>The policy that answers for a name: the default one for an unknown name.</summary>
    /// <param name="name">Any text, without regard to case.</param>
    /// <param name="key">With a key: the policy as it is for this key, which may have a limit of its own.</param>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public RateLimitPolicy GetPolicy(string name, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = Find(_policies, name);
        return key is null ? found.Policy : found.For(key);
    }

    /// <summary>Disposes what the limiter made itself: its store and its meter. Who waits in line gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _lines.FailAll(static () => new ObjectDisposedException(nameof(PolicyRateLimiter)));
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

    /// <summary>The decision of the moment for one who waits: by what is in force now, not by what was when he came.</summary>
    internal ValueTask<RateLimitDecision> DecideAsync(string policy, string key, int permits)
    {
        var found = Find(policy, key, permits, out var lists);
        return IsUncounted(lists, found, key, out var decision) ? new(decision) : DecideAsync(new RateLimitCharge(found, key, permits), CancellationToken.None);
    }

    internal ValueTask<RateLimitDecision> DecideAsync(in RateLimitCharge charge, CancellationToken cancellationToken)
    {
        var pending = _store.AcquireAsync(charge, cancellationToken);
        return charge.Policy.IsShadow ? ShadowAsync(charge.Policy, pending) : pending;
    }

    /// <summary>Permits that the calls in line for a key ask for.</summary>
    internal long PermitsInLine(string policy, string key) => _lines.Find(GetPolicy(policy), key)?.Permits ?? 0;

    private static async ValueTask<RateLimitDecision> ShadowAsync(RateLimitPolicy policy, ValueTask<RateLimitDecision> pending) =>
        Shadowed(policy, await pending.ConfigureAwait(false));

    private static RateLimitDecision Shadowed(RateLimitPolicy policy, in RateLimitDecision decision) =>
        policy.IsShadow && decision.Outcome == RateLimitOutcome.Refused ? decision.AsShadow() : decision;

    private static bool Waits(in RateLimitCharge charge) => charge.Policy is { QueueLimit: > 0, IsShadow: false } && charge.Permits > 0;

    /// <returns>True when the answer is known without a store: the kill switch is off or the key is listed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsUncounted(KeyLists? lists, RateLimitPolicy policy, string key, out RateLimitDecision decision)
    {
        if (_isEnabled && lists is null)
        {
            Unsafe.SkipInit(out decision);
            return false;
        }

        return IsListed(lists, policy, key, out decision);
    }

    private bool IsListed(KeyLists? lists, RateLimitPolicy policy, string key, out RateLimitDecision decision)
    {
        decision = RateLimitDecision.Bypassed(policy);
        return !_isEnabled || (lists is not null && lists.TryDecide(key, policy, out decision));
    }

    private RateLimitPolicy Find(string policy, string key, int permits, out KeyLists? lists)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ChargeRules.CheckKey(key);
        ChargeRules.CheckPermits(permits);
        var policies = _policies;
        lists = policies.Lists;
        return Find(policies, policy).For(key);
    }

    private PolicyEntry Find(PolicySet policies, string name)
    {
        var found = policies.Find(name, out var isFirstUnknown);
        if (isFirstUnknown)
        {
            Log.UnknownPolicy(_logger, EscapedText.Of(name));
        }

        return found;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RateLimitDecision> AwaitAsync(ValueTask<RateLimitDecision> pending, int permits) =>
        Count(await pending.ConfigureAwait(false), permits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RateLimitDecision Count(in RateLimitDecision decision, int permits)
    {
        if (_requests.IsHeard)
        {
            _requests.Add(decision.Policy, decision.Outcome, permits);
        }

        return decision;
    }
}
