using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace ScaleKit.Redis;

/// <summary>
/// Stands between every call and the client: bounds its time, breaks the circuit when too many fail, and lets nothing out but an
/// answer, a <see cref="RedisUnavailableException"/>, or the caller's own cancellation. Thread-safe.
/// </summary>
internal sealed class CallGuard
{
    private readonly RedisLink _link;
    private readonly RedisOptions _options;
    private readonly RedisMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline _breaker;
    private readonly CircuitBreakerStateProvider _state = new();
    private int _silences;

    public CallGuard(RedisLink link, RedisOptions options, RedisMetrics metrics, TimeProvider time, ILogger logger)
    {
        (_link, _options, _metrics, _time, _logger) = (link, options, metrics, time, logger);
        _breaker = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = options.BreakerFailureRatio,
                MinimumThroughput = options.BreakerMinimumCalls,
                SamplingDuration = options.BreakerWindow,
                BreakDuration = options.BreakerPause,
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is RedisUnavailableException { IsServersFault: true }),
                OnOpened = OnOpened,
                OnClosed = OnClosed,
                StateProvider = _state,
            })
            .Build();
        metrics.ObserveBreaker(() => (int)State switch { (int)CircuitState.Closed => 0, (int)CircuitState.HalfOpen => 1, _ => 2 });
    }

    public CircuitState State => _state.CircuitState;

    /// <summary>Sends one command and returns its answer.</summary>
    /// <param name="operation">A fixed name, for messages and metrics.</param>
    /// <param name="call">The command.</param>
    /// <param name="cancellationToken">Ends the wait, not the command: the breaker still learns how it ended.</param>
    public async ValueTask<T> SendAsync<T>(string operation, IRedisCall<T> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var attempt = GuardedAsync(operation, call);
        var outcome = attempt.IsCompleted || !cancellationToken.CanBeCanceled
            ? await attempt.ConfigureAwait(false)
            : await attempt.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        outcome.ThrowIfException();
        return outcome.Result!;
    }

    private async ValueTask<Outcome<T>> GuardedAsync<T>(string operation, IRedisCall<T> call)
    {
        var started = _time.GetTimestamp();
        var context = ResilienceContextPool.Shared.Get(operation, CancellationToken.None);
        var outcome = await _breaker.ExecuteOutcomeAsync(
            static (context, state) => state.Guard.AttemptAsync(context.OperationKey!, state.Call), context, (Guard: this, Call: call))
            .ConfigureAwait(false);
        ResilienceContextPool.Shared.Return(context);
        if (outcome.Exception is BrokenCircuitException broken)
        {
            outcome = Outcome.FromException<T>(new RedisUnavailableException(
                RedisFailure.CircuitOpen, operation, _link.EndPoint, "too many calls failed lately, this one was not sent.", broken.RetryAfter));
        }

        _metrics.Called(operation, (outcome.Exception as RedisUnavailableException)?.Failure, _time.GetElapsedTime(started));
        return outcome;
    }

    private async ValueTask<Outcome<T>> AttemptAsync<T>(string operation, IRedisCall<T> call)
    {
        var started = _time.GetTimestamp();
        try
        {
            var connecting = _link.GetAsync();
            if (!await CompletesAsync(connecting, started).ConfigureAwait(false))
            {
                return Fail<T>(new RedisUnavailableException(
                    RedisFailure.NotConnected, operation, _link.EndPoint, $"no connection within {_options.CallTimeout.TotalSeconds:0.###} s."));
            }

            var client = await connecting.ConfigureAwait(false);
            var sent = call.Send(client);
            var inTime = await CompletesAsync(sent, started).ConfigureAwait(false);

            // Once only: a server that forgets a script between two commands is broken, and the caller's time is bounded anyway.
            if (inTime && CallFailure.IsNoScript(sent))
            {
                Log.ScriptReloaded(_logger, _link.EndPoint, operation);
                _metrics.Reloaded(operation);
                sent = call.SendAgain(client);
                inTime = await CompletesAsync(sent, started).ConfigureAwait(false);
            }

            if (!inTime)
            {
                Late.Observe(sent);
                return Fail<T>(new RedisUnavailableException(
                    RedisFailure.TimedOut, operation, _link.EndPoint, $"no answer within {_options.CallTimeout.TotalSeconds:0.###} s."));
            }

            await sent.ConfigureAwait(false);
            return Outcome.FromResult(call.Read(sent));
        }
        catch (Exception e)
        {
            return Fail<T>(CallFailure.From(e, operation, _link.EndPoint));
        }
    }

    // Client 1.2.6 completes its tasks one after another on one thread, and continuations run there: an application that blocks in one
    // would hold up every other answer. The yield moves everything that follows to the thread pool.
    private async ValueTask<bool> CompletesAsync(Task task, long started)
    {
        if (task.IsCompleted)
        {
            return true;
        }

        var left = _options.CallTimeout - _time.GetElapsedTime(started);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        await task.WaitAsync(left, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Yield();
        return task.IsCompleted;
    }

    private Outcome<T> Fail<T>(RedisUnavailableException failure)
    {
        if (CallFailure.IsReadOnly(failure))
        {
            _link.Refresh();
        }

        return Outcome.FromException<T>(failure);
    }

    private ValueTask OnOpened(OnCircuitOpenedArguments<object> args)
    {
        var failure = (args.Outcome.Exception as RedisUnavailableException)?.Failure ?? RedisFailure.NotConnected;
        var silences = failure is RedisFailure.TimedOut ? Interlocked.Increment(ref _silences) : Interlocked.Exchange(ref _silences, 0);
        if (silences == 0)
        {
            _link.Refresh();
        }
        else if (silences > 1)
        {
            // Silent before the pause and after it: a short stop of the server would be over, a dead line is not.
            _link.Replace();
        }

        Log.BreakerOpened(_logger, _link.EndPoint, failure.ToString(), args.BreakDuration);
        return ValueTask.CompletedTask;
    }

    private ValueTask OnClosed(OnCircuitClosedArguments<object> args)
    {
        Interlocked.Exchange(ref _silences, 0);
        Log.BreakerClosed(_logger, _link.EndPoint);
        return ValueTask.CompletedTask;
    }
}
