using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace ScaleKit.Redis;

/// <summary>
/// Stands between every call and the client: bounds its time, breaks the circuit when too many fail, and lets nothing out but an
/// answer, a <see cref="RedisUnavailableException"/>, or the caller's own cancellation. Thread-safe.
/// </summary>
internal sealed class CallGuard : IDisposable
{
    private readonly RedisOptions _options;
    private readonly RedisMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<RedisFailure?> _breaker;
    private readonly CircuitBreakerStateProvider _state = new();
    private int _silences;

    public CallGuard(RedisLink link, RedisOptions options, RedisMetrics metrics, TimeProvider time, ILogger logger)
    {
        (Link, _options, _metrics, _time, _logger) = (link, options, metrics, time, logger);
        UnderWay = new TimeLimit(options.CallTimeout, time);
        _breaker = new ResiliencePipelineBuilder<RedisFailure?> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<RedisFailure?>
            {
                FailureRatio = options.BreakerFailureRatio,
                MinimumThroughput = options.BreakerMinimumCalls,
                SamplingDuration = options.BreakerWindow,
                BreakDuration = options.BreakerPause,
                ShouldHandle = static args => ValueTask.FromResult(IsServersFault(args.Outcome.Result)),
                OnOpened = OnOpened,
                OnClosed = OnClosed,
                StateProvider = _state,
            })
            .Build();
        metrics.ObserveBreaker(() => (int)State switch { (int)CircuitState.Closed => 0, (int)CircuitState.HalfOpen => 1, _ => 2 });
    }

    public CircuitState State => _state.CircuitState;

    public RedisLink Link { get; }

    public TimeLimit UnderWay { get; }

    /// <summary>Sends one command and returns its answer.</summary>
    /// <param name="operation">A fixed name, for messages and metrics.</param>
    /// <param name="call">The command.</param>
    /// <param name="cancellationToken">Ends the wait, not the command: the breaker still learns how it ended.</param>
    public ValueTask<T> SendAsync<TCall, T>(string operation, TCall call, CancellationToken cancellationToken)
        where TCall : IRedisCall<T>
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        // A closed breaker is told how the call ended; any other is asked whether there may be one.
        return State is CircuitState.Closed
            ? PendingCall<TCall, T>.Start(this, operation, call, cancellationToken).Answer
            : new ValueTask<T>(TryAsync<TCall, T>(operation, call, cancellationToken));
    }

    /// <summary>As <see cref="SendAsync"/>, for a caller who does not care what the answer is.</summary>
    public ValueTask DoAsync<TCall, T>(string operation, TCall call, CancellationToken cancellationToken)
        where TCall : IRedisCall<T>
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        return State is CircuitState.Closed
            ? PendingCall<TCall, T>.Start(this, operation, call, cancellationToken).Completion
            : new ValueTask(TryAsync<TCall, T>(operation, call, cancellationToken));
    }

    /// <summary>Takes note of how a call ended.</summary>
    public void Ended(CallUnderWay call, string operation, RedisUnavailableException? failure)
    {
        UnderWay.Remove(call);
        _metrics.Called(operation, failure?.Failure, call.Started);

        // A call that was sent before the breaker opened and ends after that tells nothing about whether it may close again.
        if (State is CircuitState.Closed)
        {
            Tell(failure?.Failure);
        }
    }

    public RedisUnavailableException Failed(string operation, Exception thrown)
    {
        if (CallFailure.IsReadOnly(thrown))
        {
            Link.Refresh();
        }

        return CallFailure.From(thrown, operation, Link.EndPoint);
    }

    public RedisUnavailableException Unavailable(RedisFailure failure, string operation, string what) =>
        new(failure, operation, Link.EndPoint, $"{what} within {_options.CallTimeout.TotalSeconds:0.###} s.");

    public void ScriptReloaded(string operation)
    {
        Log.ScriptReloaded(_logger, Link.EndPoint, operation);
        _metrics.Reloaded(operation);
    }

    public void Dispose() => UnderWay.Dispose();

    // Completes at once, and without garbage, unless the breaker opens: then the change itself is done, and only its callback still runs.
    private void Tell(RedisFailure? failure)
    {
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        var telling = _breaker.ExecuteOutcomeAsync(static (_, ended) => ValueTask.FromResult(Outcome.FromResult(ended)), context, failure);
        if (telling.IsCompleted)
        {
            ResilienceContextPool.Shared.Return(context);
        }
        else
        {
            Late.Observe(telling.AsTask());
        }
    }

    private Task<T> TryAsync<TCall, T>(string operation, TCall call, CancellationToken cancellationToken)
        where TCall : IRedisCall<T>
    {
        // The caller may give up, the trial may not: the breaker waits for how it ends.
        var trial = TryAsync<TCall, T>(operation, call);
        Late.Observe(trial);
        return trial.WaitAsync(cancellationToken);
    }

    private async Task<T> TryAsync<TCall, T>(string operation, TCall call)
        where TCall : IRedisCall<T>
    {
        var started = _time.GetTimestamp();
        var context = ResilienceContextPool.Shared.Get(operation, CancellationToken.None);
        var (answer, failure) = (default(T)!, default(RedisUnavailableException));
        var outcome = await _breaker.ExecuteOutcomeAsync(
            async (_, _) =>
            {
                try
                {
                    answer = await PendingCall<TCall, T>.Start(this, operation, call, CancellationToken.None).Answer.ConfigureAwait(false);
                }
                catch (RedisUnavailableException e)
                {
                    failure = e;
                }

                return Outcome.FromResult(failure?.Failure);
            },
            context,
            state: 0).ConfigureAwait(false);
        ResilienceContextPool.Shared.Return(context);
        if (outcome.Exception is BrokenCircuitException broken)
        {
            _metrics.Called(operation, RedisFailure.CircuitOpen, started);
            throw new RedisUnavailableException(
                RedisFailure.CircuitOpen, operation, Link.EndPoint, "too many calls failed lately, this one was not sent.", broken.RetryAfter);
        }

        outcome.ThrowIfException();
        return failure is null ? answer : throw failure;
    }

    // These say something about the server and not about the caller.
    private static bool IsServersFault(RedisFailure? failure) =>
        failure is RedisFailure.NotConnected or RedisFailure.TimedOut or RedisFailure.ServerUnready;

    private ValueTask OnOpened(OnCircuitOpenedArguments<RedisFailure?> args)
    {
        var failure = args.Outcome.Result ?? RedisFailure.NotConnected;
        var silences = failure is RedisFailure.TimedOut ? Interlocked.Increment(ref _silences) : Interlocked.Exchange(ref _silences, 0);
        if (silences == 0)
        {
            Link.Refresh();
        }
        else if (silences > 1)
        {
            // Silent before the pause and after it: a short stop of the server would be over, a dead line is not.
            Link.Replace();
        }

        Log.BreakerOpened(_logger, Link.EndPoint, failure.ToString(), args.BreakDuration);
        return ValueTask.CompletedTask;
    }

    private ValueTask OnClosed(OnCircuitClosedArguments<RedisFailure?> args)
    {
        Interlocked.Exchange(ref _silences, 0);
        Log.BreakerClosed(_logger, Link.EndPoint);
        return ValueTask.CompletedTask;
    }
}
