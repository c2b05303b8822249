/** A panel under a button. Escape, a click elsewhere or leaving it by Tab closes it; focus then returns. */
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
  type ReactNode,
} from "react";
import { Icon, type IconName } from "./icon.tsx";

const PopoverClose = createContext<() => void>(() => {});

/** For what stands in a popover: closes it and gives the focus back. */
export function usePopoverClose(): () => void {
  return useContext(PopoverClose);
}

interface PopoverProps {
  readonly label: string;
  readonly icon?: IconName;
  readonly text: ReactNode;
  readonly align?: "left" | "right";
  readonly className?: string;
  /** Found by the keyboard shortcut of this name, which opens it. */
  readonly shortcut?: string;
  readonly children: ReactNode;
}

export function Popover(props: PopoverProps): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  const close = useCallback(() => {
    setIsOpen(false);
    button.current?.focus();
  }, []);

  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointer = (event: PointerEvent): void => {
      if (!event.composedPath().includes(root.current!)) setIsOpen(false);
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [isOpen]);

  return (
    <div
      className={`popover ${props.className ?? ""}`}
      ref={root}
      onKeyDown={(event) => {
        if (event.key === "Escape" && isOpen) {
          event.stopPropagation();
          close();
        }
      }}
      onBlur={(event) => {
        const next = event.relatedTarget;
        if (next instanceof Node && !event.currentTarget.contains(next)) setIsOpen(false);
      }}
    >
      <button
        type="button"
        ref={button}
        className="button button-outline"
        aria-label={props.label}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-haspopup="dialog"
        title={props.label}
        data-shortcut={props.shortcut}
        onClick={() => setIsOpen(!isOpen)}
      >
        {props.icon === undefined ? null : <Icon name={props.icon} />}
        <span className="popover-text">{props.text}</span>
        <Icon name="down" size={12} />
      </button>
      {isOpen ? (
        <div
          className="popover-panel"
          data-align={props.align ?? "left"}
          id={id}
          role="dialog"
          aria-label={props.label}
        >
          <PopoverClose value={close}>{props.children}</PopoverClose>
        </div>
      ) : null}
    </div>
  );
}
