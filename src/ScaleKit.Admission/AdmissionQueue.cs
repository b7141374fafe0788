using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ScaleKit.Admission;

/// <summary>
/// Seats in rooms under three caps that are decided together: seats in one room, rooms in use, seats in all. Who finds no seat waits in line: first in,
/// first out within a room, the rooms in turn, and a room that is full holds nobody else up. Thread-safe.
/// </summary>
/// <remarks>
/// <para>Entering, leaving and handing over a seat are O(1), whatever the number of waiters and rooms. No continuation and no event handler ever runs under
/// the lock. Cancelling is an answer (<see cref="AdmissionRefusal.Cancelled"/>), not an exception: when connections break, they break by the thousand.</para>
/// <para>A room is in use while one of its seats is taken: when its last visitor goes, its slot goes to the room that
/// has waited longest for one, even if the room itself has waiters.</para>
/// </remarks>
public sealed partial class AdmissionQueue : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly QueueClock _clock;
    private readonly TimeSpan _progressInterval;
    private readonly SaturationMonitor _saturation;
    private readonly Seating _seating;
    private readonly DeadlineWheel _wheel;
    private readonly LineDeadlines _deadlines;
    private readonly WaitEstimator _estimator;
    private readonly ProgressBoard _progress;
    private readonly AdmissionMetrics _metrics;
    private readonly ITimer _deadlineTimer;
    private readonly ITimer _progressTimer;
    private volatile AdmissionOptions _options;
    private volatile bool _isEnabled;
    private bool _watchesSeats;
    private IDisposable? _reload;
    private EventHandler<AdmissionRoomEventArgs>? _roomChanged;
    private long _arrivals;
    private volatile bool _isDisposed;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="options">Caps and bounds, copied; <see langword="null"/> takes the defaults.</param>
    /// <param name="timeProvider">The clock for deadlines and estimates; <see langword="null"/> takes the system's.</param>
    /// <param name="logger">Where state changes are logged; <see langword="null"/> logs nothing.</param>
    /// <param name="meterFactory">Makes the meter; <see langword="null"/> takes a meter that lives as long as the queue.</param>
    /// <param name="store">Counts the seats where several processes share them; <see langword="null"/> counts them in this process alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it, its value and the range.</exception>
    public AdmissionQueue(
        AdmissionOptions? options = null,
        TimeProvider? timeProvider = null,
        ILogger<AdmissionQueue>? logger = null,
        IMeterFactory? meterFactory = null,
        ISeatStore? store = null)
    {
        _options = AdmissionOptionsRules.CheckedCopy(options ?? new AdmissionOptions());
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<AdmissionQueue>.Instance;
        _clock = new QueueClock(_timeProvider, isExact: _options.Discipline == AdmissionDiscipline.AdaptiveLifo);
        _progressInterval = _options.ProgressInterval;
        _isEnabled = _options.Enabled;
        _watchesSeats = Watches(_options);
        _saturation = new SaturationMonitor(_logger, Raise, () => Saturation is not null);
        _seating = new Seating(this, _options, _saturation, _clock) { IsUnlimited = !_isEnabled, Lends = store is null && !_watchesSeats };
        _estimator = new WaitEstimator(_seating);
        (_deadlineTimer, _progressTimer) = CreateTimers();
        _wheel = new DeadlineWheel(wait => _deadlineTimer.Change(wait, Timeout.InfiniteTimeSpan));
        _deadlines = new LineDeadlines(_wheel, _clock.Lag);
        _progress = new ProgressBoard(_gate, _seating, _estimator, () => _clock.Now, RunProgress);
        _metrics = new AdmissionMetrics(meterFactory, Count, _saturation);
        WarnOfIdleCaps(_options);
        if (store is not null)
        {
            RequireSharable(_options);
            _tenure = new SeatTenure(_allLost.Token);
            _shared = new SharedSeats(this, store, _timeProvider, _options.StoreLease);
        }
    }

    /// <summary>
    /// A cap has reached 80 % of its use, or is back at 70 %. Raised outside every lock, in order, on the thread that caused it or on one that is raising
    /// already. A handler that throws is logged and harms nobody; a slow one delays whoever takes or gives back that seat.
    /// </summary>
    public event EventHandler<AdmissionSaturationEventArgs>? Saturation;

    /// <summary>
    /// A room has its first visitor, or lost its last. A seat that passes from hand to hand changes nothing. Raised as <see cref="Saturation"/> is, what ended
    /// before what began. While somebody listens, the first and the last seat of a room are given and taken under the queue's lock.
    /// </summary>
    public event EventHandler<AdmissionRoomEventArgs>? RoomChanged
    {
        add => Listen(_roomChanged + value);
        remove => Listen(_roomChanged - value);
    }

    /// <summary>
    /// The kill switch. Off: all who wait are admitted, and so is everybody who comes, at once; seats are still counted. On again: the caps hold from then on,
    /// and where they are exceeded, nobody is admitted until enough visitors have gone.
    /// </summary>
    public bool IsEnabled
    {
        get => _isEnabled;
        set => Apply(options: null, value);
    }

    /// <summary>A seat now or not at all.</summary>
    /// <param name="room">The room; see <see cref="AdmissionRequest(string, string?)"/>.</param>
    /// <param name="clientId">The visitor, or <see langword="null"/>.</param>
    /// <param name="data">Carried on the lease, never read here.</param>
    /// <returns>
    /// A lease, or a refusal that names the cap that binds. Where the seats are shared and their store decides, <see cref="AdmissionRefusal.Undecided"/>: only
    /// <see cref="AdmitAsync"/>, with a deadline of zero, can ask it.
    /// </returns>
    /// <exception cref="ArgumentException">The room or the client id is empty, too long, or not plain text.</exception>
    public AdmissionResult TryAdmit(string room, string? clientId = null, object? data = null)
    {
        var request = new AdmissionRequest(room, clientId) { Data = data };
        var known = RequireNames(request);
        if (_shared is { Decides: true } && !_isDraining)
        {
            var undecided = AdmissionResult.Refused(AdmissionRefusal.Undecided, AdmissionCap.None);
            _metrics.CountRefused(undecided);
            return undecided;
        }

        if (SitOrWait(request, known, TimeSpan.Zero, hasTicket: false, mayLeave: true, out var result) is not { } waiter)
        {
            return result;
        }

        // The store came back at this moment and was asked all the same.
        waiter.Leave();
        return AdmissionResult.Refused(AdmissionRefusal.Undecided, AdmissionCap.None);
    }

    /// <summary>A seat, at once or after a wait in the line. Who does not wait allocates the lease only.</summary>
    /// <param name="request">Who, where, and how long to wait at most.</param>
    /// <param name="cancellationToken">Leaves the line. A seat that was granted in the same moment is still returned, so look at the result.</param>
    /// <returns>A lease, or a refusal with its reason. Never faults and is never cancelled. To be awaited once, as every <see cref="ValueTask{TResult}"/>.</returns>
    /// <exception cref="ArgumentException">The request is not valid; thrown at once.</exception>
    public ValueTask<AdmissionResult> AdmitAsync(in AdmissionRequest request, CancellationToken cancellationToken = default)
    {
        var waiter = SitOrWait(request, hasTicket: false, cancellationToken, out var result);
        return waiter is null ? new(result) : AdmissionActivities.AreHeard ? new(AdmissionActivities.WaitAsync(waiter.ValueTask)) : waiter.ValueTask;
    }

    /// <summary>As <see cref="AdmitAsync"/>, with a ticket in hand that shows the position while waiting.</summary>
    /// <param name="request">Who, where, and how long to wait at most.</param>
    /// <param name="cancellationToken">Leaves the line.</param>
    /// <returns>A ticket; its <see cref="AdmissionTicket.Completion"/> has the answer, at once where there is nothing to wait for.</returns>
    /// <exception cref="ArgumentException">The request is not valid.</exception>
    public AdmissionTicket Enter(in AdmissionRequest request, CancellationToken cancellationToken = default)
    {
        var waiter = SitOrWait(request, hasTicket: true, cancellationToken, out var result);
        if (waiter is not null && AdmissionActivities.AreHeard)
        {
            _ = AdmissionActivities.WaitAsync(new(waiter.Task));
        }

        return new AdmissionTicket(this, request, waiter, waiter?.Task ?? Task.FromResult(result));
    }

    /// <summary>
    /// Changes caps while running. Growth admits waiters at once; after a shrink nobody is admitted until enough visitors have gone, and nobody is thrown out.
    /// O(rooms in use or waited for).
    /// </summary>
    /// <param name="roomCapacity">Seats in one room, 1 or more; <see langword="null"/> leaves the cap as it is.</param>
    /// <param name="activeRooms">Rooms in use, 1 or more; <see langword="null"/> leaves the cap as it is.</param>
    /// <param name="totalCapacity">Seats in all, 1 or more; <see langword="null"/> leaves the cap as it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">A cap is below 1.</exception>
    /// <seealso cref="ResizeRoom"/>
    public void Resize(int? roomCapacity = null, int? activeRooms = null, int? totalCapacity = null)
    {
        RequireCap(roomCapacity, nameof(roomCapacity));
        RequireCap(activeRooms, nameof(activeRooms));
        RequireCap(totalCapacity, nameof(totalCapacity));
        Apply(
            current =>
            {
                var next = current.Copy();
                next.RoomCapacity = roomCapacity ?? current.RoomCapacity;
                next.ActiveRooms = activeRooms ?? current.ActiveRooms;
                next.TotalCapacity = totalCapacity ?? current.TotalCapacity;
                return next;
            },
            enabled: null);
    }

    /// <summary>Gives one room a number of seats of its own while running, as <see cref="AdmissionOptions.RoomCapacities"/> does.</summary>
    /// <param name="room">The room, in use or not.</param>
    /// <param name="capacity">Its seats, 1 or more; <see langword="null"/> takes <see cref="AdmissionOptions.RoomCapacity"/> again.</param>
    /// <exception cref="ArgumentException">The room is empty, too long, or not plain text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1.</exception>
    public void ResizeRoom(string room, int? capacity)
    {
        NameRules.Require(room, _options.MaximumNameLength, nameof(room), "The room");
        RequireCap(capacity, nameof(capacity));
        Apply(
            current =>
            {
                var next = current.Copy();
                _ = next.RoomCapacities.Remove(room);
                if (capacity is { } seats)
                {
                    next.RoomCapacities[room] = seats;
                }

                return next;
            },
            enabled: null);
    }

    /// <summary>
    /// Takes new options while running: all but <see cref="AdmissionOptions.ProgressInterval"/>. <see cref="AdmissionOptions.Enabled"/> counts only when it
    /// differs from the options before, so that a reload for another reason does not undo the kill switch.
    /// </summary>
    /// <param name="options">The new options, copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; then nothing has changed.</exception>
    public void Update(AdmissionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var next = AdmissionOptionsRules.CheckedCopy(options);
        if (_shared is not null)
        {
            RequireSharable(next);
        }

        Apply(_ => next, next.Enabled == _options.Enabled ? null : next.Enabled);
    }

    /// <summary>All figures of one moment, for a dashboard.</summary>
    /// <param name="maximumRooms">The most rooms to list, 0 or more; the others are counted in <see cref="AdmissionSnapshot.RoomsLeftOut"/>.</param>
    /// <returns>A copy. Costs a step for each room in use or waited for.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumRooms"/> is negative.</exception>
    public AdmissionSnapshot GetSnapshot(int maximumRooms = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximumRooms);
        lock (_gate)
        {
            return Snapshot_NeedsLock(maximumRooms);
        }
    }

    /// <summary>Refuses all who wait and all who come (<see cref="AdmissionRefusal.Draining"/>). Leases stay good to dispose. Further calls do nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        StopAdmitting(hint: null);

        _reload?.Dispose();
        _shared?.Dispose();
        _deadlineTimer.Dispose();
        _progressTimer.Dispose();
        _metrics.Dispose();
    }

    /// <summary>As <see cref="Dispose"/>; a queue with a store waits until the store knows that its seats are free, or cannot be told.</summary>
    /// <returns>Completes when it has ended.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return _shared is null ? ValueTask.CompletedTask : new ValueTask(_shared.Running);
    }

    /// <summary>Follows a monitor until disposed. Options that are not valid are logged and leave everything as it was.</summary>
    internal void Follow(IOptionsMonitor<AdmissionOptions> monitor, AdmissionOptions initial)
    {
        _reload = monitor.OnChange((options, name) =>
        {
            if (string.IsNullOrEmpty(name))
            {
                Reload(options);
            }
        });

        // A change between the reading and the subscription would otherwise wait for the next one.
        if (!ReferenceEquals(monitor.CurrentValue, initial))
        {
            Reload(monitor.CurrentValue);
        }
    }

    private static void RequireCap(int? cap, string argument)
    {
        if (cap is { } value)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, argument);
        }
    }

    private void Reload(AdmissionOptions options)
    {
        try
        {
            Update(options);
        }
        catch (ArgumentException exception)
        {
            Log.ReloadRefused(_logger, exception);
        }
    }

    private (ITimer Deadlines, ITimer Progress) CreateTimers()
    {
        // A timer keeps the execution context in which it was made: that of whoever happened to resolve the queue first.
        var restore = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        try
        {
            return (
                _timeProvider.CreateTimer(static queue => ((AdmissionQueue)queue!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan),
                _timeProvider.CreateTimer(static queue => ((AdmissionQueue)queue!)._progress.Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        }
        finally
        {
            restore?.Undo();
        }
    }
}
