using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// Judges, while it happens, whether what operations on one row return can be explained by a linearization: it keeps every (value, operations that have taken effect) that is still possible.
/// None left means that no order of the operations explains the last answer. An operation of unknown outcome stays possible for ever.
/// </summary>
/// <remarks>Just-in-time linearization, after Lowe, "Testing for linearizability", 2017. Values 0 (nothing) to 13, at most 16 operations on their way.</remarks>
internal sealed class RegisterMonitor
{
    private const int Slots = 16;
    private readonly Op?[] _pending = new Op?[Slots];
    private HashSet<State> _possible;
    private ulong _hash;

    public RegisterMonitor(long initial) => _possible = [new State(initial, 0)];

    // The set is replaced, never changed: copies share it.
    private RegisterMonitor(RegisterMonitor other)
    {
        other._pending.CopyTo(_pending, 0);
        _possible = other._possible;
    }

    public RegisterMonitor Copy() => new(this);

    public int Invoke(Op op)
    {
        var slot = Array.IndexOf(_pending, null);
        (_pending[slot], _hash) = (op, 0);
        return slot;
    }

    /// <summary>The operation has answered. False when nothing explains the answer.</summary>
    public bool Return(int slot, long result)
    {
        _possible = [.. Expand().Where(s => s.Result(slot) == result).Select(s => s.Forget(slot))];
        (_pending[slot], _hash) = (null, 0);
        return _possible.Count > 0;
    }

    /// <summary>A read has failed: it has no effect that anybody could see.</summary>
    public void Drop(int slot)
    {
        _possible = [.. _possible.Select(s => s.Forget(slot))];
        (_pending[slot], _hash) = (null, 0);
    }

    public ulong Hash() => _hash == 0 ? _hash = HashNow() : _hash;

    private ulong HashNow()
    {
        var hash = 5UL;
        foreach (var op in _pending)
        {
            hash = Mix.In(hash, op is null ? 0 : ((long)op.Kind * 31) + op.Value + 1);
        }

        // The order of a set means nothing.
        return Mix.In(hash, _possible.Aggregate(0UL, static (sum, s) => sum + Mix.In(Mix.In(7, s.Value), s.Taken)));
    }

    private HashSet<State> Expand()
    {
        HashSet<State> possible = [.. _possible];
        var open = new Queue<State>(_possible);
        while (open.TryDequeue(out var state))
        {
            for (var slot = 0; slot < Slots; slot++)
            {
                if (_pending[slot] is { } op && state.Result(slot) < 0 && state.Take(slot, op) is var next && possible.Add(next))
                {
                    open.Enqueue(next);
                }
            }
        }

        return possible;
    }

    // Four bits a slot: 0 not yet, else the result plus one.
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct State(long Value, ulong Taken)
    {
        public long Result(int slot) => (long)((Taken >> (slot * 4)) & 15) - 1;

        public State Forget(int slot) => this with { Taken = Taken & ~(15UL << (slot * 4)) };

        public State Take(int slot, Op op)
        {
            var (value, result) = op.On(Value);
            return new(value, Taken | ((ulong)(result + 1) << (slot * 4)));
        }
    }
}
