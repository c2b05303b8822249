/** Buttons. One that shows only an icon has its name as a label and a tooltip. */
import type { ComponentProps, ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

interface ButtonProps extends Omit<ComponentProps<"button">, "type"> {
  readonly look?: "plain" | "outline" | "primary";
  readonly icon?: IconName;
}

export function Button({ look = "outline", icon, children, className, ...rest }: ButtonProps): ReactNode {
  return (
    <button type="button" className={`button button-${look} ${className ?? ""}`} {...rest}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "type" | "children"> {
  readonly icon: IconName;
  readonly label: string;
}

export function IconButton({ icon, label, className, ...rest }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      className={`button button-icon ${className ?? ""}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
