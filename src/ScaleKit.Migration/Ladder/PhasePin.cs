using System.Runtime.InteropServices;

namespace ScaleKit.Migration;

/// <summary>An operation's hold on the phase in which it began. Release it exactly once.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct PhasePin(Stage stage, int stripe)
{
    public Stage Stage { get; } = stage;

    public void Release() => Stage.Leave(stripe);
}
