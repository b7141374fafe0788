using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>Where an actor stands, as the scheduler sees it.</summary>
/// <param name="Next">Its next operation.</param>
/// <param name="IsRunning">Whether it is in the middle of the one before.</param>
/// <param name="HasMore">Whether it still does or will do something.</param>
/// <param name="Pending">The call that it waits for.</param>
/// <param name="Waits">The timer that it waits for.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ActorState(int Next, bool IsRunning, bool HasMore, Call? Pending, Waits Waits);
